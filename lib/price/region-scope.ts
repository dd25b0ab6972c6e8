/**
 * Region scopes: which rows price a call that was served under a geo profile, a data zone or a regional endpoint.
 * In: a model and the record's region. Out: the scope whose rows apply, and a multiplier's scope where the vendor publishes one
 * (Anthropic `inference_geo: us`, OpenAI and Vertex regional hosts: 1.1 on tokens, not on fees; pitfall 13).
 */
import { rowsOf, type ModelPrices } from './model-prices.ts';

export interface RegionScope {
  /** region of the rows to use; empty = the default endpoint */
  readonly scope: string;
  /** region of the `region_multiplier` row to apply, or null */
  readonly multiplierOf: string | null;
  /** the asked region has no price of its own although the model's price depends on the region */
  readonly isGuess: boolean;
  readonly why: string;
}

const BARE = 'in-region(bare-id)';
const GEO_OF_AWS_REGION: readonly (readonly [RegExp, string])[] = [
  [/^us-gov-/, 'us-gov'],
  [/^(us|ca)-/, 'us'],
  [/^eu-/, 'eu'],
  [/^ap-/, 'apac'],
];

/** The scope that prices a call of this model in `region` (null = the default endpoint). */
export function regionScope(model: ModelPrices, region: string | null): RegionScope {
  const multiplierOf = multiplierScope(model, region);
  if (multiplierOf !== null) {
    return {
      scope: defaultScope(model),
      multiplierOf,
      isGuess: false,
      why: `published multiplier for ${multiplierOf}`,
    };
  }
  const chain = scopeChain(model, region);
  const scope = chain.find((candidate) => model.scopes.has(candidate)) ?? defaultScope(model);
  const asked = region ?? '';
  if (asked === '' || scope === asked) return { scope, multiplierOf: null, isGuess: false, why: 'as served' };
  const isGuess =
    ['bedrock', 'azure'].includes(model.provider) && asked !== 'global' && asked !== BARE && model.scopes.size > 1;
  return { scope, multiplierOf: null, isGuess, why: `no price for ${asked}; ${scope || 'the default endpoint'} used` };
}

function multiplierScope(model: ModelPrices, region: string | null): string | null {
  if (region === null || region === '' || model.scopes.has(region)) return null;
  const candidate = model.provider === 'vertex' && region !== 'global' ? 'regional-endpoint' : region;
  return rowsOf(model, 'region_multiplier', 'standard', candidate).length > 0 ? candidate : null;
}

function defaultScope(model: ModelPrices): string {
  for (const candidate of model.provider === 'bedrock'
    ? [BARE, '', 'us', 'global']
    : ['', 'global-standard', 'global']) {
    if (model.scopes.has(candidate)) return candidate;
  }
  return model.scopes.values().next().value ?? '';
}

function scopeChain(model: ModelPrices, region: string | null): readonly string[] {
  if (region === null || region === '') return [defaultScope(model)];
  if (model.provider === 'bedrock') {
    if (region === 'global') return ['global', '', BARE];
    if (region === 'us-gov') return ['us-gov', 'us-gov-west-1', 'us-gov-east-1', '', BARE];
    const geo = GEO_OF_AWS_REGION.find(([pattern]) => pattern.test(region))?.[1];
    // an AWS region names an in-region call; its geo profile is the next best witness only in GovCloud
    return geo === 'us-gov' ? [region, geo, '', BARE] : [region, BARE, ''];
  }
  if (region === 'global') return ['global', 'global-standard', ''];
  return [region, ''];
}
