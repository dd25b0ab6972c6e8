/**
 * What a GPU can do at most, and the shapes of the models that run on them: the inputs of `roofline.ts`. Peaks are the vendors' data sheets
 * (NVIDIA, dense, without sparsity; read 2026-11), shapes the published `config.json` of the models. Facts all, no measurement: measured
 * speeds are in `throughput-data.ts`. A peak that is not listed is null and nothing is derived from it.
 */

export type GpuType = 'A6000' | 'A10G' | 'L4' | 'L40S' | 'A100-40' | 'A100-80' | 'H100' | 'H200' | 'B200';

/** How weights (and, for the 8-bit and 4-bit floats, activations) are kept. `w4a16`: 4-bit weights, 16-bit arithmetic. */
export type Precision = 'bf16' | 'int8' | 'fp8' | 'w4a16' | 'fp4';

export interface GpuSpec {
  readonly gpu: GpuType;
  readonly generation: 'ampere' | 'ada' | 'hopper' | 'blackwell';
  /** 10⁹ bytes */
  readonly memoryGb: number;
  readonly bandwidthTbPerS: number;
  /** peak of dense arithmetic in 10¹² operations per second */
  readonly teraflops: { readonly bf16: number; readonly fp8: number | null; readonly fp4: number | null };
  readonly source: string;
  readonly readAt: string;
}

const SHEET = { source: 'NVIDIA data sheet, dense peaks', readAt: '2026-11' } as const;

export const GPU_SPECS: readonly GpuSpec[] = [
  spec('A6000', 'ampere', 48, 0.768, 154.8, null, null),
  // 70 is what the A10G of EC2 reaches; the sheet of the A10 quotes 125
  spec('A10G', 'ampere', 24, 0.6, 70, null, null),
  spec('L4', 'ada', 24, 0.3, 121, null, null),
  spec('L40S', 'ada', 48, 0.864, 362, 733, null),
  spec('A100-40', 'ampere', 40, 1.56, 312, null, null),
  spec('A100-80', 'ampere', 80, 2.04, 312, null, null),
  spec('H100', 'hopper', 80, 3.35, 989, 1979, null),
  spec('H200', 'hopper', 141, 4.8, 989, 1979, null),
  spec('B200', 'blackwell', 180, 8, 2250, 4500, 9000),
];

function spec(
  gpu: GpuType,
  generation: GpuSpec['generation'],
  memoryGb: number,
  bandwidthTbPerS: number,
  bf16: number,
  fp8: number | null,
  fp4: number | null,
): GpuSpec {
  return { gpu, generation, memoryGb, bandwidthTbPerS, teraflops: { bf16, fp8, fp4 }, ...SHEET };
}

export interface ModelShape {
  readonly model: string;
  /** weights used for one token; fewer than `totalParameters` in a mixture of experts */
  readonly activeParameters: number;
  readonly totalParameters: number;
  readonly layers: number;
  readonly hidden: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

interface ListedShape extends ModelShape {
  readonly source: string;
  readonly readAt: string;
}

const CONFIG = { source: "the model's published config.json", readAt: '2026-11' } as const;

export const MODEL_SHAPES: readonly ListedShape[] = [
  { model: 'Llama-3.1-8B', ...dense(8.03e9), layers: 32, hidden: 4096, kvHeads: 8, headDim: 128, ...CONFIG },
  { model: 'Llama-3.x-70B', ...dense(70.6e9), layers: 80, hidden: 8192, kvHeads: 8, headDim: 128, ...CONFIG },
  { model: 'Llama-3.1-405B', ...dense(405.9e9), layers: 126, hidden: 16384, kvHeads: 8, headDim: 128, ...CONFIG },
];

function dense(parameters: number): Pick<ModelShape, 'activeParameters' | 'totalParameters'> {
  return { activeParameters: parameters, totalParameters: parameters };
}

/** The spec of a GPU that is listed. */
export function gpuSpec(gpu: GpuType): GpuSpec {
  const found = GPU_SPECS.find((row) => row.gpu === gpu);
  if (!found)
    throw new RangeError(`no data sheet of the GPU ${gpu}; listed: ${GPU_SPECS.map((row) => row.gpu).join(', ')}`);
  return found;
}

/** The shape of a model that is listed. */
export function modelShape(model: string): ModelShape {
  const found = MODEL_SHAPES.find((row) => row.model === model);
  if (!found)
    throw new RangeError(`no shape of the model ${model}; listed: ${MODEL_SHAPES.map((row) => row.model).join(', ')}`);
  return found;
}
