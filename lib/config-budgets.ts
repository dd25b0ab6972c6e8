/**
 * The section `budgets` of the configuration: what a month may cost, in total or for a team. In: parsed JSON. Out: settings, amounts as decimal
 * text. Several entries of one scope follow each other in time: for a month at most one holds (config-references.ts).
 */
import * as z from 'zod';

const month = z.string().regex(/^20\d{2}-(0[1-9]|1[0-2])$/, 'must be a month such as "2026-11"');

export const budgetSchema = z
  .strictObject({
    scope: z.enum(['total', 'team']),
    team: z.string().regex(/\S/, 'must not be blank').max(200).optional().describe('Of scope "team": which.'),
    amount: z
      .string()
      .regex(/^\d{1,15}(\.\d{1,12})?$/, 'must be decimal text in USD such as "12000.00"')
      .refine((text) => /[1-9]/.test(text), 'must be more than 0')
      .describe('USD a month.'),
    owner: z.string().regex(/\S/, 'must not be blank').max(200).optional().describe('Who answers for it.'),
    from: month.optional().describe('First month it holds for …'),
    to: month.optional().describe('… until before this one.'),
    alert_percent: z
      .array(z.number().int().min(1).max(1000))
      .max(10)
      .refine((list) => new Set(list).size === list.length, 'must not name a percentage twice')
      .default([50, 80, 100])
      .describe('Shares of the amount that are told of when spend passes them.'),
  })
  .refine((budget) => (budget.scope === 'team') === (budget.team !== undefined), {
    message: 'must name a team if scope is "team", and none if it is "total"',
    path: ['team'],
  });

/** An entry, checked. */
export type BudgetConfig = z.output<typeof budgetSchema>;
