import { Field, Int, ObjectType } from 'type-graphql';
import type { Version } from '../../catalog/versions/version.js';
import { VersionUnion } from '../../catalog/versions/version.type.js';
import { PageInfo } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import { type Finding, FINDING_KINDS, type FindingKind, type Verdict, VERDICTS } from './contamination.js';

const FindingKindEnum = enumOf(
  'ContaminationFindingKind',
  FINDING_KINDS,
  'A thing that training and evaluation have in common.',
  {
    EVALUATION_ITSELF: 'The evaluation version itself is among what it was trained on.',
    SHARED_ANCESTOR: 'Both were made from this version, or one from the other.',
    SAME_CONTENT: 'Two versions, one on each side, have the same digest: the same bytes under another name.',
  },
);

const VerdictEnum = enumOf('ContaminationVerdict', VERDICTS, 'The verdict over the findings.', {
  CONTAMINATED: 'The evaluation version, or its very bytes under another name, is among what it was trained on.',
  RELATED: 'They have versions or bytes in common further up: look whether these overlap.',
  NOTHING_FOUND: 'Nothing in common is recorded. Data that was copied without a run or a digest is not seen.',
  UNKNOWN: 'Nothing in common is recorded, and neither is the run that made the trained model version.',
});

@ObjectType('ContaminationFinding', { description: 'Something that training and evaluation have in common.' })
class FindingType {
  @Field(() => String, { description: 'Its position in the list; pass it as `after`.' })
  cursor!: string;
  @Field(() => FindingKindEnum, { description: 'The kind of finding.' })
  kind!: FindingKind;
  @Field(() => VersionUnion, { description: 'The version on the side of the training.' })
  version!: Version;
  @Field(() => VersionUnion, {
    description: 'The version on the side of the evaluation: the same one, except for SAME_CONTENT.',
  })
  evaluationVersion!: Version;
  @Field(() => Int, { description: 'Hops from it to what was trained, a version and a run being a hop each.' })
  trainDistance!: number;
  @Field(() => Int, { description: 'Hops from it to the evaluation version; 0: it is the evaluation version.' })
  evaluationDistance!: number;
}

@ObjectType('Contamination', {
  description: 'Whether an evaluation can be trusted: what it has in common with what was trained, at any remove.',
})
export class ContaminationType {
  @Field(() => VerdictEnum, { description: 'The verdict over all findings, hidden ones included.' })
  verdict!: Verdict;
  @Field(() => [FindingType], { description: 'The findings that you may see, nearest to the evaluation first.' })
  findings!: (Finding & { cursor: string })[];
  @Field(() => PageInfo, { description: 'The position of these findings in the list.' })
  pageInfo!: PageInfo;
  @Field(() => Int, { description: 'The number of findings that you may see, on all pages.' })
  totalCount!: number;
  @Field(() => Int, { description: 'The number of findings about versions that you may not see.' })
  hiddenFindings!: number;
}
