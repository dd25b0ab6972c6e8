/**
 * What rules of thumb about self-hosting are recomputed from: rents, fits to published throughput, and peaks of the cards they are scaled by.
 * Facts all, with source and date. Rents are decimal text in USD per hour of the whole instance.
 */
import type { Sourced } from './claims-data.ts';

export interface GpuRent extends Sourced {
  readonly gpu: string;
  readonly gpus: number;
  /** USD per hour for the whole instance */
  readonly instanceUsdPerHour: string;
}

const ec2 = (gpu: string, type: string, gpus: number, instanceUsdPerHour: string, date: string): GpuRent => ({
  gpu,
  gpus,
  instanceUsdPerHour,
  source: `AWS on-demand list price of ${type}, us-east-1, Linux`,
  date,
  isFact: true,
});

/** What GPUs rent for. Single cards except where `gpus` says otherwise: AWS rents A100s by eight only. */
export const RENTS = {
  p4d: ec2('A100 40 GB', 'p4d.24xlarge', 8, '21.958', '2025-06-01'),
  p4de: ec2('A100 80 GB', 'p4de.24xlarge', 8, '27.447', '2025-06-01'),
  p5: ec2('H100 80 GB', 'p5.48xlarge', 8, '55.04', '2025-06-01'),
  g5: ec2('A10G 24 GB', 'g5.xlarge', 1, '1.006', '2023-09-18'),
  g5x12: ec2('A10G 24 GB', 'g5.12xlarge', 4, '5.672', '2023-09-18'),
  g6: ec2('L4 24 GB', 'g6.xlarge', 1, '0.8048', '2024-04-25'),
  g6e: ec2('L40S 48 GB', 'g6e.xlarge', 1, '1.861', '2024-08-16'),
  // what the same instances cost until AWS cut them
  p4dBefore: ec2('A100 40 GB', 'p4d.24xlarge, until 2025-06-01', 8, '32.7726', '2023-09-18'),
  p5Before: ec2('H100 80 GB', 'p5.48xlarge, until 2025-06-01', 8, '98.32', '2023-09-18'),
  neocloudLow: {
    gpu: 'H100 80 GB',
    gpus: 1,
    instanceUsdPerHour: '2.49',
    source: 'digiterialabs.com on CoreWeave, Lambda and Crusoe: lowest H100 hour',
    date: '2026',
    isFact: true,
  },
  neocloudHigh: {
    gpu: 'H100 80 GB',
    gpus: 1,
    instanceUsdPerHour: '3.78',
    source: 'deploybase.ai on RunPod and Lambda: highest H100 hour',
    date: '2026',
    isFact: true,
  },
} as const satisfies Record<string, GpuRent>;

/** Saturated replica: s = a·in + b·out + c·out·(in + out/2) seconds per query. */
export interface Throughput extends Sourced {
  readonly usPerInputToken: number;
  readonly usPerOutputToken: number;
  readonly nsPerOutputTimesContext: number;
}

const fitted = (a: number, b: number, c: number, source: string, date: string): Throughput => ({
  usPerInputToken: a,
  usPerOutputToken: b,
  nsPerOutputTimesContext: c,
  source,
  date,
  isFact: true,
});

const VLLM = 'fitted to the queries per second of arXiv 2411.02355v4, table 6 (vLLM; mean error 8 to 22%)';

export const THROUGHPUT = {
  llama70bBf16On4A100: fitted(142, 663, 0, `Llama-3.1-70B BF16 on 4 × A100, ${VLLM}`, '2025'),
  // prefill of 3,000 and decode of 877 tokens/s, as microseconds per token
  llama2At70bOn4A100: fitted(
    1e6 / 3000,
    1e6 / 877,
    0,
    'Llama-2-70B FP16 on 4 × A100, batch of 64: performance data published with Splitwise (arXiv 2311.18677)',
    '2023-11',
  ),
  llama8bBf16OnA6000: fitted(157, 521, 0, `Llama-3.1-8B BF16 on RTX A6000, ${VLLM}`, '2025'),
  llama8bInt8OnA6000: fitted(115, 372, 0, `Llama-3.1-8B W8A8-INT8 on RTX A6000, ${VLLM}`, '2025'),
  llama70bFp8On2H100: fitted(
    68.6,
    71.0,
    68.4,
    'Llama-3.3-70B FP8 on 2 × H100, fitted to the performance overview of TensorRT-LLM 1.0 (errors up to 8%)',
    '2025',
  ),
} as const;

/** Peaks of the card that was measured and of the one that is rented: throughput moves between the two ratios. */
export const GPU_PEAKS = {
  a10g: {
    denseTflops: 70,
    bandwidthGbPerS: 600,
    source: 'NVIDIA A10G as sold by AWS: peak FP16 and bandwidth',
    date: '2026-11',
    isFact: true,
  },
  a6000: {
    denseTflops: 154.8,
    bandwidthGbPerS: 768,
    source: 'NVIDIA RTX A6000 data sheet: peak FP16 without sparsity and bandwidth',
    date: '2020-10',
    isFact: true,
  },
} as const;
