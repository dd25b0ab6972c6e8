/**
 * Images made by another model, or on rented accelerators, as a lever. In: a log, moves that config names, the price engine, the hours of the period.
 * Out: per call where it goes and what it costs there, and what each move comes to. Invariants: a call without a price on the other model stays;
 * a model whose license is unknown or forbids the use is never hosted; rent is paid for whole instances and the whole period, whatever is made,
 * and the shares of the images sum to it exactly. Whether two models make equally good images is not assessed. Formulas: docs/simulation.md,
 * "Image generation".
 */
import { isImageCall } from './call-log.ts';
import type { CallKind, CallLog } from './call-log.ts';
import { loggedTokens } from './call-pricing.ts';
import type { CallPricing, KindTable } from './call-pricing.ts';
import type { MoveEffects } from './call-states.ts';
import { hostedImageCrossover, hostedImages } from './hosted-images.ts';
import type { HostedFleet, HostedImageModel } from './hosted-images.ts';
import { licenseGate } from './images.ts';
import { MAX_AMOUNT_PICO } from './money-sums.ts';

/** Either `to`, a model of the same provider, or `hosted`. */
export interface ImageMove {
  readonly from: string;
  readonly to?: string | undefined;
  readonly hosted?: HostedImageModel | undefined;
}

export interface ImageMoveInput {
  /** with the `isOpen` of the plan */
  readonly log: CallLog;
  readonly kinds: KindTable;
  readonly pricing: CallPricing;
  readonly moves: readonly ImageMove[];
  /** hours of the period, for which instances are rented */
  readonly periodHours: number;
  /** parameter `img.pixel_exponent` */
  readonly pixelExponent: number;
}

/** What became of one move. */
export interface ImageMoveFinding {
  readonly from: string;
  readonly to: string | null;
  /** null for a move to another API model, and where the license forbids hosting */
  readonly hosted: HostedFleet | null;
  /** images a day from which on renting is no dearer than what the log's images cost; infinite: never; null where that is not known */
  readonly crossoverPerDay: number | null;
  /** open calls of the model, and those that cannot go: no price there, or nobody counted their images */
  readonly calls: number;
  readonly staying: number;
  readonly images: number;
  /** of the calls that can go: as logged, and there */
  readonly loggedPico: bigint;
  /** null where the license forbids it: that is no price */
  readonly movedPico: bigint | null;
  /** calls that do go: those of workspaces in which that costs less; of a hosted model all or none */
  readonly taken: number;
  /** what these save by themselves; of all that can go it would be logged less moved, which may be a loss */
  readonly savingPico: bigint;
  /** why none or not all go; null where all do */
  readonly reason: string | null;
}

/** `moveTo` and thousandths are those of a move to another API model; such a call is priced as `call-states.ts` does. Arrays by call. */
export interface ImageEffects extends MoveEffects {
  /** share of the rent that a call on rented accelerators bears; -1 where it is not made there */
  readonly hostedPico: Float64Array;
  /** rent of all that is taken: fixed, whatever other levers do to the calls; the sum of `hostedPico` */
  readonly fixedPico: bigint;
  readonly findings: readonly ImageMoveFinding[];
}

const ALL = 1000;
/**
 * Shares of input and output tokens under which the other model may have a price. Where images are billed by the piece, tokens are not: an image
 * of a model that is billed by tokens moves there without its output tokens, or without any.
 */
const TOKEN_SHARES: readonly (readonly [input: number, output: number])[] = [
  [ALL, ALL],
  [ALL, 0],
  [0, 0],
];

/** Where the images of a log go. Throws `Misconfigured` for an instance without a listed price. */
export function imageMoves(input: ImageMoveInput): ImageEffects {
  const { log } = input;
  const effects = {
    moveTo: new Int32Array(log.calls).fill(-1),
    inputThousandths: new Int32Array(log.calls),
    outputThousandths: new Int32Array(log.calls),
    retryThousandths: new Int32Array(log.calls),
    escalatedThousandths: new Int32Array(log.calls),
    routerPico: new Float64Array(log.calls),
    hostedPico: new Float64Array(log.calls).fill(-1),
  };
  const byMove = imageCalls(log, input.moves);
  let fixedPico = 0n;
  const findings = input.moves.map((move, at): ImageMoveFinding => {
    const calls = byMove[at] as number[];
    if (move.hosted === undefined) return moveToModel(input, move, calls, effects);
    const finding = moveToHosts(input, { from: move.from, hosted: move.hosted, at }, calls, effects);
    if (finding.taken > 0) fixedPico += finding.movedPico ?? 0n;
    return finding;
  });
  return { ...effects, fixedPico, findings };
}

/** Open calls that made images, by the first move that names their model. */
function imageCalls(log: CallLog, moves: readonly ImageMove[]): number[][] {
  const moveOf = log.kinds.map(({ model }) => moves.findIndex(({ from }) => from === model));
  const byMove: number[][] = moves.map(() => []);
  for (let call = 0; call < log.calls; call++) {
    const kind = log.kind[call] as number;
    if (log.isOpen[call] === 1 && isImageCall(log, call)) byMove[moveOf[kind] as number]?.push(call);
  }
  return byMove;
}

const PICO_PER_USD = 1e12;

type MutableEffects = Pick<ImageEffects, 'moveTo' | 'inputThousandths' | 'outputThousandths' | 'hostedPico'>;

interface Moved {
  readonly kind: number;
  readonly input: number;
  readonly output: number;
  readonly costPico: number;
}

function moveToModel(
  { log, kinds, pricing }: ImageMoveInput,
  { from, to = from }: ImageMove,
  calls: readonly number[],
  effects: MutableEffects,
): ImageMoveFinding {
  const byWorkspace = new Map<number, { call: number; moved: Moved }[]>();
  let staying = 0;
  for (const call of calls) {
    const moved = pricedOn(log, kinds, pricing, call, to);
    if (moved === null) {
      staying++;
      continue;
    }
    const workspace = log.workspace.codes[call] as number;
    const own = byWorkspace.get(workspace);
    if (own === undefined) byWorkspace.set(workspace, [{ call, moved }]);
    else own.push({ call, moved });
  }
  let [loggedPico, movedPico, savingPico, taken] = [0n, 0n, 0n, 0];
  for (const own of byWorkspace.values()) {
    const logged = own.reduce((sum, { call }) => sum + (log.costPico[call] as bigint), 0n);
    const there = own.reduce((sum, { moved }) => sum + BigInt(moved.costPico), 0n);
    loggedPico += logged;
    movedPico += there;
    if (there >= logged) continue;
    taken += own.length;
    savingPico += logged - there;
    for (const { call, moved } of own) {
      effects.moveTo[call] = moved.kind;
      effects.inputThousandths[call] = moved.input;
      effects.outputThousandths[call] = moved.output;
    }
  }
  const priced = calls.length - staying;
  const reasons = [
    ...(calls.length === 0 ? [`no open call made images with ${from}`] : []),
    ...(staying > 0 ? [`${staying} calls have no price as ${to} and stay`] : []),
    ...(taken < priced ? [`${priced - taken} calls are of workspaces in which ${to} costs no less`] : []),
  ];
  return {
    from,
    to,
    hosted: null,
    crossoverPerDay: null,
    calls: calls.length,
    staying,
    images: imagesOf(log, calls),
    loggedPico,
    movedPico,
    taken,
    savingPico,
    reason: reasons.length === 0 ? null : reasons.join('; '),
  };
}

/** The call on another model, with as many of its tokens as that one bills. */
function pricedOn(log: CallLog, kinds: KindTable, pricing: CallPricing, call: number, to: string): Moved | null {
  const kind = kinds.changed(log.kind[call] as number, { model: to, modelReported: to, publisher: null });
  const logged = loggedTokens(log, call);
  for (const [input, output] of TOKEN_SHARES) {
    // by the piece, of which there must be a count
    if (output === 0 && logged.images === 0) return null;
    const tokens =
      input === 0
        ? { ...logged, input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0 }
        : { ...logged, output: output === 0 ? 0 : logged.output };
    const costPico = pricing.costPico(kinds.kinds[kind] as CallKind, log.timeMs[call] as number, tokens);
    if (costPico !== null && costPico < MAX_AMOUNT_PICO) return { kind, input, output, costPico };
  }
  return null;
}

function moveToHosts(
  { log, periodHours, pixelExponent }: ImageMoveInput,
  { from, hosted, at }: { from: string; hosted: HostedImageModel; at: number },
  all: readonly number[],
  effects: MutableEffects,
): ImageMoveFinding {
  const calls = all.filter((call) => (log.images[call] as number) > 0);
  const staying = all.length - calls.length;
  const loggedPico = calls.reduce((sum, call) => sum + (log.costPico[call] as bigint), 0n);
  const images = imagesOf(log, calls);
  const finding = { from, to: null, calls: all.length, staying, images, loggedPico, taken: 0, savingPico: 0n };
  const made = calls.map((call) => ({ timeMs: log.timeMs[call] as number, images: log.images[call] as number }));
  const path = `simulate.imageGeneration[${at}].hosted`;
  const fleet = hostedImages(hosted, made, { periodHours, pixelExponent, path });
  const gate = licenseGate(hosted.model, hosted.commercial);
  if (!gate.isAllowed) return { ...finding, hosted: null, crossoverPerDay: null, movedPico: null, reason: gate.reason };
  const crossoverPerDay =
    images === 0
      ? null
      : hostedImageCrossover(hosted, Number(loggedPico) / PICO_PER_USD / images, { pixelExponent, path });
  const rented = { ...finding, hosted: fleet.facts, crossoverPerDay, movedPico: fleet.facts.rentPico };
  if (calls.length === 0) return { ...rented, reason: `no open call has a count of images made with ${from}` };
  if (fleet.facts.rentPico >= loggedPico)
    return { ...rented, reason: 'whole instances for the whole period cost no less than these calls did' };
  if (fleet.sharesPico.some((share) => share >= BigInt(MAX_AMOUNT_PICO)))
    return { ...rented, reason: 'a single call would bear more of the rent than any call may cost here' };
  for (const [index, call] of calls.entries()) effects.hostedPico[call] = Number(fleet.sharesPico[index]);
  const reason = staying === 0 ? null : `${staying} calls have no count of images and stay`;
  return { ...rented, taken: calls.length, savingPico: loggedPico - fleet.facts.rentPico, reason };
}

function imagesOf(log: CallLog, calls: readonly number[]): number {
  return calls.reduce((sum, call) => sum + (log.images[call] as number), 0);
}
