/**
 * What rules of thumb about self-hosting are recomputed from: rents, fits to published throughput, and peaks of the cards they are scaled by.
 * Facts all, with source and date; list prices and fits that self-hosting uses too are read from its tables. Rents are decimal text in USD per hour of the whole instance.
 */
import type { InstanceId, ReplicaId } from '../config-hosting.ts';
import type { Sourced } from './claims-data.ts';
import { instancePrice } from './gpu-prices-data.ts';
import { anchorOf } from './throughput-data.ts';

export interface GpuRent extends Sourced {
  readonly gpu: string;
  readonly gpus: number;
  /** USD per hour for the whole instance */
  readonly instanceUsdPerHour: string;
}

/** The list price of `gpu-prices-data.ts`, with the day from which it has held. */
const ec2 = (gpu: string, instance: InstanceId, date: string): GpuRent => ({
  gpu,
  gpus: instancePrice(instance).gpus,
  instanceUsdPerHour: instancePrice(instance).onDemandUsdPerHour,
  source: `AWS on-demand list price of ${instance}, us-east-1, Linux`,
  date,
  isFact: true,
});

/** What the same instances cost until AWS cut the price. */
const ec2Before = (now: GpuRent, instance: InstanceId, instanceUsdPerHour: string, date: string): GpuRent => ({
  ...now,
  instanceUsdPerHour,
  source: `AWS on-demand list price of ${instance}, until ${now.date}, us-east-1, Linux`,
  date,
});

const P4D = ec2('A100 40 GB', 'p4d.24xlarge', '2025-06-01');
const P5 = ec2('H100 80 GB', 'p5.48xlarge', '2025-06-01');

/** What GPUs rent for. Single cards except where `gpus` says otherwise: AWS rents A100s by eight only. */
export const RENTS = {
  p4d: P4D,
  p4de: ec2('A100 80 GB', 'p4de.24xlarge', '2025-06-01'),
  p5: P5,
  g5: ec2('A10G 24 GB', 'g5.xlarge', '2023-09-18'),
  g5x12: ec2('A10G 24 GB', 'g5.12xlarge', '2023-09-18'),
  g6: ec2('L4 24 GB', 'g6.xlarge', '2024-04-25'),
  g6e: ec2('L40S 48 GB', 'g6e.xlarge', '2024-08-16'),
  p4dBefore: ec2Before(P4D, 'p4d.24xlarge', '32.7726', '2023-09-18'),
  p5Before: ec2Before(P5, 'p5.48xlarge', '98.32', '2023-09-18'),
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

/** A fit of `throughput-data.ts`. */
const measured = (id: ReplicaId, source: string): Throughput => {
  const { inputUs, outputUs, contextNs } = anchorOf(id);
  return fitted(inputUs, outputUs, contextNs, source, '2025');
};

const VLLM = 'fitted to the queries per second of arXiv 2411.02355v4, table 6 (vLLM; mean error 8 to 22%)';

export const THROUGHPUT = {
  llama70bBf16On4A100: measured('llama-3.x-70b-bf16-4xa100-80-vllm', `Llama-3.1-70B BF16 on 4 × A100, ${VLLM}`),
  // prefill of 3,000 and decode of 877 tokens/s, as microseconds per token
  llama2At70bOn4A100: fitted(
    1e6 / 3000,
    1e6 / 877,
    0,
    'Llama-2-70B FP16 on 4 × A100, batch of 64: performance data published with Splitwise (arXiv 2311.18677)',
    '2023-11',
  ),
  llama8bBf16OnA6000: measured('llama-3.1-8b-bf16-1xa6000-vllm', `Llama-3.1-8B BF16 on RTX A6000, ${VLLM}`),
  llama8bInt8OnA6000: measured('llama-3.1-8b-int8-1xa6000-vllm', `Llama-3.1-8B W8A8-INT8 on RTX A6000, ${VLLM}`),
  llama70bFp8On2H100: measured(
    'llama-3.x-70b-fp8-2xh100',
    'Llama-3.3-70B FP8 on 2 × H100, fitted to the performance overview of TensorRT-LLM 1.0 (errors up to 8%)',
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
