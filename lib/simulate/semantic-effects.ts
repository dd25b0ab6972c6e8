export interface SemanticEffects {
  readonly isHit: Uint8Array;
  readonly isAsked: Uint8Array;
  readonly lookupPico: number;
  readonly storePico: number;
  readonly wrongMillionths: number;
}
