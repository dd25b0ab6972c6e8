// Prints `N passed, N failed` as the last line, from vitest's own JSON reports. A report that is missing or a step that failed without
// a failing test counts as one failure, so that the line can never be better than the run.
import { readFileSync } from 'node:fs';

/** What failed and the first lines of why, so that the end of a long log is enough. */
function failuresOf({ testResults }) {
  const cut = (text) => String(text).split('\n').slice(0, 8).join('\n    ').slice(0, 1000);
  return testResults
    .filter((file) => file.status === 'failed')
    .flatMap((file) => {
      const tests = file.assertionResults.filter((test) => test.status === 'failed');
      if (tests.length === 0) return [`  failed: ${file.name}\n    ${cut(file.message)}`];
      return tests.map(
        (test) => `  failed: ${file.name} > ${test.fullName}\n    ${cut(test.failureMessages.join('\n'))}`,
      );
    });
}

const [, , failedSteps, ...reports] = process.argv;
let passed = 0;
let failed = 0;
for (const path of reports) {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'));
    passed += report.numPassedTests;
    failed +=
      report.numFailedTests +
      (report.numFailedTests === 0 ? report.testResults.filter((r) => r.status === 'failed').length : 0);
    console.log(`${path}: ${report.numTotalTests} tests in ${report.testResults.length} files`);
    for (const line of failuresOf(report)) console.log(line);
  } catch {
    console.log(`${path}: no report`);
    failed += 1;
  }
}
if (Number(failedSteps) > 0 && failed === 0) failed = Number(failedSteps);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && Number(failedSteps) === 0 ? 0 : 1);
