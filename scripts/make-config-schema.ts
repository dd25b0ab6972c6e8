/**
 * Writes inference-ledger.config.schema.json, the JSON Schema that editors use through `$schema`, from the schema the program checks with:
 *   node scripts/make-config-schema.ts
 * A test fails when the file is not current.
 */
import { writeFileSync } from 'node:fs';
import { configJsonSchema } from '../lib/config.ts';

const target = new URL('../inference-ledger.config.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
