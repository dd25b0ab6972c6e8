/**
 * Bedrock model identifiers and callers. In: plain ids, geo-prefixed inference profiles, ARNs. Out: the model as the price book spells it
 * and the region scope that prices it: geo profiles and plain ids cost 10 % more than `global.` for newer Claude models (pitfall 13).
 * Opaque resources (application profiles, provisioned, imported and custom models) keep the last part of their ARN as the model: only the
 * owner's deployment map knows more.
 */
export interface BedrockModel {
  readonly model: string;
  /** geo of an inference profile, or null */
  readonly geo: string | null;
  /** region scope as the price book names it, or null where nothing tells it */
  readonly scope: string | null;
  readonly isProvisioned: boolean;
  /** vendor segment of the id, or null */
  readonly publisher: string | null;
}

const GEO = /^(global|us-gov|us|eu|apac|au|jp|ca|in|sa)\.(?=[a-z0-9-]+\.)/;

/** Resources whose id is, or holds, a model's id. All others are opaque. */
const NAMED_RESOURCES = new Set(['foundation-model', 'inference-profile']);

/** The book's row of a plain id was read in these regions; elsewhere the region itself is the scope. */
const BARE = 'in-region(bare-id)';
const BARE_REGION = /^us-(east|west)-\d$/;

/** Vendor segments that are not the publisher's short name. */
const PUBLISHERS: Readonly<Record<string, string>> = { qwen: 'alibaba', moonshotai: 'moonshot' };

const known = new Map<string, Map<string | null, BedrockModel>>();
/** A hostile log has an id per line. */
const MAX_KNOWN = 4096;
const MAX_REGIONS = 64;

/** Takes a model id apart. `region` is the AWS region that served the call (null = not known): it prices plain ids only. */
export function bedrockModel(modelId: string, region: string | null = null): BedrockModel {
  let byRegion = known.get(modelId);
  if (byRegion === undefined) {
    byRegion = new Map();
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(modelId, byRegion);
  }
  let model = byRegion.get(region);
  if (model === undefined) {
    model = takenApart(modelId, region);
    if (byRegion.size >= MAX_REGIONS) byRegion.clear();
    byRegion.set(region, model);
  }
  return model;
}

function takenApart(modelId: string, region: string | null): BedrockModel {
  const arn = modelId.startsWith('arn:') ? modelId.split(':') : null;
  const resource = arn === null ? modelId : arn.slice(5).join(':');
  const [kind = '', ...rest] = resource.split('/');
  const name = rest.at(-1) ?? kind;
  if (rest.length > 0 && !NAMED_RESOURCES.has(kind)) {
    return { model: name, geo: null, scope: null, isProvisioned: kind === 'provisioned-model', publisher: null };
  }
  const geo = GEO.exec(name)?.[1] ?? null;
  const model = spelled(geo === null ? name : name.slice(geo.length + 1));
  const vendor = /^([a-z0-9-]+)\./.exec(model)?.[1] ?? null;
  return {
    model,
    geo,
    scope: geo ?? inRegionScope(region ?? (arn?.[3] || null)),
    isProvisioned: false,
    publisher: vendor === null ? null : (PUBLISHERS[vendor] ?? vendor),
  };
}

function inRegionScope(region: string | null): string {
  return region === null || BARE_REGION.test(region) ? BARE : region;
}

/** Response bodies name Claude models without the vendor segment that Bedrock's ids and the price book have. */
function spelled(model: string): string {
  return model.startsWith('claude-') ? `anthropic.${model}` : model;
}

/** What stands behind the fifth colon of an ARN; empty if there are fewer. */
function resourceOf(arn: string): string {
  let at = -1;
  for (let colons = 0; colons < 5; colons++) {
    at = arn.indexOf(':', at + 1);
    if (at < 0) return '';
  }
  return arn.slice(at + 1);
}

/** Who called, as an identity ARN tells: an assumed role and its session (the person or instance), or a user's name. */
export function bedrockIdentity(arn: string | null): {
  readonly principal: string | null;
  readonly session: string | null;
} {
  if (arn === null) return { principal: null, session: null };
  const parts = resourceOf(arn).split('/');
  if (parts[0] === 'assumed-role') return { principal: parts[1] ?? null, session: parts.slice(2).join('/') || null };
  return { principal: parts.at(-1) || null, session: null };
}
