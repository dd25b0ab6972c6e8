import { expect, test } from 'vitest';
import { readSource, sourceFiles } from './imports.ts';

const lines = (path: string): number => readSource(path).split('\n').length;

test('no source file is over 400 lines, no test over 500, and the median source file is under 150', () => {
  const sources = [...sourceFiles('lib'), ...sourceFiles('bin')];
  expect(sources.filter((path) => lines(path) > 400)).toEqual([]);
  expect(sourceFiles('tests').filter((path) => lines(path) > 500)).toEqual([]);
  const sizes = sources.map(lines).toSorted((a, b) => a - b);
  expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThan(150);
});

test('there are no folders or files named utils, helpers or common, and no default exports', () => {
  const sources = [...sourceFiles('lib'), ...sourceFiles('bin'), ...sourceFiles('tests')];
  expect(sources.filter((path) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.ts$)/.test(path))).toEqual([]);
  expect(sources.filter((path) => !path.endsWith('.config.ts') && /^export default /m.test(readSource(path)))).toEqual(
    [],
  );
});
