import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createScriptCounter } from '../../lib/count/script-classes.ts';
import type { ScriptMix } from '../../lib/script-class.ts';

const counter = createScriptCounter();

function mixOf(...pieces: readonly string[]): ScriptMix {
  const running = counter.begin();
  for (const piece of pieces) running.add(piece);
  return running.end();
}

describe('characters by script class', () => {
  test.each<[string, ScriptMix]>([
    ['', {}],
    ['Größe é', { latin: 6, space: 1 }],
    ['e\u0301', { latin: 2 }],
    ['Привет Ωμέγα', { cyrillic_greek: 11, space: 1 }],
    ['漢字かなカナ한국어ㄅ', { cjk: 10 }],
    ['العربية हिन्दी', { other_letters: 13, space: 1 }],
    ['12½٣', { digits: 4 }],
    ['{"a":[]}。', { latin: 1, signs: 8 }],
    ['\t\r\n\u00a0\u3000', { space: 5 }],
    // person, skin tone, joiner, rocket; keycap: a digit and what makes it one; flag
    ['👩🏽\u200d🚀', { emoji: 7 }],
    ['1\ufe0f\u20e3', { digits: 1, emoji: 2 }],
    ['🇩🇪', { emoji: 4 }],
    ['☀©™→', { emoji: 1, signs: 3 }],
    // beyond the first plane: two units each
    ['𠀀𝒜𐐷', { cjk: 2, latin: 0, signs: 0, other_letters: 4 }],
    ['\ud83d', { signs: 1 }],
    ['\ud83dx\ude00', { signs: 2, latin: 1 }],
    ['\ud83d\ud83d\ude00', { signs: 1, emoji: 2 }],
  ])('%j', (text, expected) => {
    const some = Object.fromEntries(Object.entries(expected).filter(([, units]) => units > 0));
    expect(mixOf(text)).toEqual(some);
  });

  test('how a text is cut changes nothing, and the classes add up to its length', () => {
    // any unit, and many halves of pairs
    const unit = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdfff }));
    const text = fc.array(unit, { maxLength: 60 }).map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(text, fc.array(fc.nat(120), { maxLength: 6 }), (whole, cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b).map((cut) => Math.min(cut, whole.length)), whole.length];
        const pieces = places.slice(1).map((to, at) => whole.slice(places[at], to));
        const mix = mixOf(...pieces);
        expect(mix).toEqual(mixOf(whole));
        expect(Object.values(mix).reduce((sum, units) => sum + units, 0)).toBe(whole.length);
      }),
    );
  });

  test('texts add up, in any order', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
        const both = mixOf(one, other);
        expect(mixOf(other, one)).toEqual(both);
        const names = Object.keys(both) as (keyof ScriptMix)[];
        for (const name of names) expect(both[name]).toBe((mixOf(one)[name] ?? 0) + (mixOf(other)[name] ?? 0));
      }),
    );
  });
});
