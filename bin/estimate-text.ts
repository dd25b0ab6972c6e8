/** An estimate for people: the corpus in a line, plans as a table with the cheapest marked, what they stand on, what was rejected. */
import { usdDisplay } from '../lib/money.ts';
import type { Estimate } from '../lib/estimate/estimate.ts';
import type { Plan } from '../lib/estimate/plan.ts';
import { renderTable } from './table-text.ts';
import { printable } from './terminal.ts';

const MOST_REJECTED = 20;

export function estimateText(made: Estimate): string {
  const { corpus, documents, empty, rejected, duplicates, tokens, plans, cheapest, rejectedDocuments } = made;
  const parts = [
    `${number(documents)} documents`,
    ...Object.entries(tokens).map(([name, count]) => `${number(count)} tokens ${name}`),
    ...(empty > 0 ? [`${number(empty)} empty`] : []),
    ...(rejected > 0 ? [`${number(rejected)} rejected`] : []),
    ...(duplicates > 0 ? [`${number(duplicates)} duplicates${made.areDuplicatesSkipped ? ' left out' : ''}`] : []),
  ];
  const table = renderTable(
    [
      { title: 'model' },
      { title: 'mode' },
      { title: 'requests', align: 'right' },
      { title: 'input tokens', align: 'right' },
      { title: 'output tokens', align: 'right' },
      { title: 'input', align: 'right' },
      { title: 'cost', align: 'right' },
      { title: 'low to high' },
      { title: '' },
    ],
    plans.map((plan) => rowOf(plan, plan === cheapest)),
  );
  return [
    `${printable(corpus)}: ${parts.join(', ')}`,
    '',
    table,
    '',
    cheapest === null
      ? 'cheapest: none of these can be carried out and priced'
      : `cheapest: ${printable(cheapest.model)}, ${cheapest.mode}, by expected cost; quality is not assessed`,
    '',
    ...basisLines(plans),
    ...(rejectedDocuments.length === 0 ? [] : ['', 'rejected, not priced:']),
    ...rejectedDocuments
      .slice(0, MOST_REJECTED)
      .map(({ document, reason }) => `  ${printable(document)}: ${printable(reason)}`),
    ...(rejected > MOST_REJECTED ? [`  … and ${number(rejected - MOST_REJECTED)} more (--format json)`] : []),
    '',
  ].join('\n');
}

function rowOf(plan: Plan, isCheapest: boolean): string[] {
  const { outputTokens, inputPico, costPico } = plan;
  return [
    plan.model,
    plan.mode,
    number(plan.requests),
    number(plan.inputTokens),
    number(outputTokens.expected),
    inputPico === null ? '-' : usdDisplay(inputPico),
    costPico === null ? '-' : usdDisplay(costPico.expected),
    costPico === null || costPico.low === costPico.high
      ? ''
      : `${usdDisplay(costPico.low)} to ${usdDisplay(costPico.high)}`,
    isCheapest ? '<- cheapest' : '',
  ];
}

/** What plans stand on, and the notes of each model and mode: text that several share is printed once. */
function basisLines(plans: readonly Plan[]): string[] {
  const lines: string[] = [];
  for (const [basis, alike] of Map.groupBy(plans, (plan) => plan.basis)) {
    lines.push(`${names(alike.map(({ model }) => model))}: ${printable(basis, WIDEST)}`);
    for (const [notes, noted] of Map.groupBy(alike, (plan) => plan.notes))
      if (notes !== '')
        lines.push(`  ${names(noted.map(({ model, mode }) => `${model} ${mode}`))}: ${printable(notes, WIDEST)}`);
  }
  return lines;
}

function names(all: readonly string[]): string {
  return [...new Set(all)].map((name) => printable(name)).join(', ');
}

const WIDEST = 1000;

function number(value: number): string {
  return value.toLocaleString('en-US');
}
