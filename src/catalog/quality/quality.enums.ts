import { enumOf } from '../../graphql/enums.js';
import { QUALITY_KINDS, QUALITY_SEVERITIES, QUALITY_VERDICTS } from './quality.js';

export const QualityKindEnum = enumOf('QualityKind', QUALITY_KINDS, 'The kind of a result of the quality of data.', {
  ASSERTION: 'A test, that passed or did not.',
  METRIC: 'Numbers that were counted or measured.',
});

export const QualitySeverityEnum = enumOf(
  'QualitySeverity',
  QUALITY_SEVERITIES,
  'The severity of a test that does not pass.',
  { ERROR: 'The data is not fit for use.', WARN: 'Somebody should look at it.' },
);

export const QualityVerdictEnum = enumOf(
  'QualityVerdict',
  QUALITY_VERDICTS,
  'The outcome of the newest result of each test of a version.',
  {
    PASSED: 'All passed.',
    WARNED: 'None failed, and one that did not pass has the severity WARN.',
    FAILED: 'One did not pass that has the severity ERROR, or none.',
    NOT_CHECKED: 'No test was reported.',
  },
);
