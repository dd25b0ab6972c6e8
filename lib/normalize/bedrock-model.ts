/**
 * Bedrock model identifiers: plain ids, geo-prefixed inference profiles, ARNs. The geo prefix prices the call (bare ids and geo profiles
 * cost 10 % more than `global.` for newer Claude models, pitfall 13). Application profiles are opaque: their id needs an alias in the
 * price overlay.
 */
export interface BedrockModel {
  readonly model: string;
  /** region scope as the price book names it */
  readonly scope: string;
  readonly provisioned: boolean;
  readonly publisher: string | null;
}

const GEO = /^(global|us-gov|us|eu|apac|au|jp|ca|sa)\.(?=[a-z0-9-]+\.)/;

/** Takes a `modelId` of an invocation log apart. */
export function bedrockModel(modelId: string): BedrockModel {
  const resource = modelId.startsWith('arn:') ? (modelId.split(':').slice(5).join(':') ?? modelId) : modelId;
  const [kind, ...rest] = resource.split('/');
  const name = rest.length > 0 ? rest.join('/') : (kind ?? modelId);
  const geo = GEO.exec(name)?.[1];
  const model = geo ? name.slice(geo.length + 1) : name;
  return {
    model,
    scope: geo ?? 'in-region(bare-id)',
    provisioned: kind === 'provisioned-model',
    publisher: /^([a-z0-9-]+)\./.exec(model)?.[1] ?? null,
  };
}

/** Role name and session (the caller) of an assumed role, or the user's name. */
export function bedrockIdentity(arn: string | null): { principal: string | null; session: string | null } {
  if (arn === null) return { principal: null, session: null };
  const parts = arn.split(':').slice(5).join(':').split('/');
  if (parts[0] === 'assumed-role') return { principal: parts[1] ?? null, session: parts[2] ?? null };
  return { principal: parts.at(-1) ?? null, session: null };
}
