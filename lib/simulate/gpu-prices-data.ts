/**
 * List prices of GPU instances on EC2 (us-east-1, Linux, on demand), each with its source and date. Amazon rents A100, H100, H200 and B200 in
 * instances of eight: `gpu-cost.ts` charges whole instances. Rows are added when a price changes, never edited.
 */
import type { GpuType } from './gpu-specs-data.ts';

export interface GpuInstancePrice {
  readonly instance: string;
  readonly gpu: GpuType;
  readonly gpus: number;
  /** decimal text, so that money stays exact */
  readonly onDemandUsdPerHour: string;
  readonly region: string;
  readonly source: string;
  readonly readAt: string;
  readonly kind: 'fact';
}

const LIST = {
  region: 'us-east-1',
  source: 'EC2 on-demand list price, Linux; two independent copies of the list',
  readAt: '2026-11',
  kind: 'fact',
} as const;

export const GPU_INSTANCE_PRICES: readonly GpuInstancePrice[] = [
  { instance: 'g5.xlarge', gpu: 'A10G', gpus: 1, onDemandUsdPerHour: '1.006', ...LIST },
  { instance: 'g5.12xlarge', gpu: 'A10G', gpus: 4, onDemandUsdPerHour: '5.672', ...LIST },
  { instance: 'g6.xlarge', gpu: 'L4', gpus: 1, onDemandUsdPerHour: '0.8048', ...LIST },
  { instance: 'g6.12xlarge', gpu: 'L4', gpus: 4, onDemandUsdPerHour: '4.6016', ...LIST },
  { instance: 'g6e.xlarge', gpu: 'L40S', gpus: 1, onDemandUsdPerHour: '1.861', ...LIST },
  { instance: 'g6e.12xlarge', gpu: 'L40S', gpus: 4, onDemandUsdPerHour: '10.493', ...LIST },
  { instance: 'p4d.24xlarge', gpu: 'A100-40', gpus: 8, onDemandUsdPerHour: '21.958', ...LIST },
  { instance: 'p4de.24xlarge', gpu: 'A100-80', gpus: 8, onDemandUsdPerHour: '27.447', ...LIST },
  // 98.32 before June 2025
  { instance: 'p5.48xlarge', gpu: 'H100', gpus: 8, onDemandUsdPerHour: '55.04', ...LIST },
  { instance: 'p5en.48xlarge', gpu: 'H200', gpus: 8, onDemandUsdPerHour: '63.296', ...LIST },
  { instance: 'p6-b200.48xlarge', gpu: 'B200', gpus: 8, onDemandUsdPerHour: '113.93', ...LIST },
];

/** The price of an instance that is listed. */
export function instancePrice(instance: string): GpuInstancePrice {
  const found = GPU_INSTANCE_PRICES.find((row) => row.instance === instance);
  if (!found) {
    const listed = GPU_INSTANCE_PRICES.map((row) => row.instance).join(', ');
    throw new RangeError(`no price of the instance ${instance}; listed: ${listed}`);
  }
  return found;
}
