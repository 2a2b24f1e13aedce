import { Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import { LIFECYCLE_CHANGES, type LifecycleChange } from './changes.js';
import { ReportedType } from './reported.type.js';

const LifecycleChangeEnum = enumOf(
  'LifecycleChange',
  LIFECYCLE_CHANGES,
  'A change in the life of a data set, in the words of OpenLineage.',
  {
    ALTER: 'It got other columns or settings.',
    CREATE: 'It was made.',
    DROP: 'It was deleted where it lay.',
    OVERWRITE: 'All of its data was replaced.',
    RENAME: 'It got another name.',
    TRUNCATE: 'It was emptied.',
  },
);

@ObjectType('DatasetChange', {
  implements: ReportedType,
  description: 'A change in the life of a data set, as a producer told of it. Of a run, the same change is one.',
})
export class DatasetChangeType extends ReportedType {
  @Field(() => LifecycleChangeEnum, { description: 'The change.' })
  change!: LifecycleChange;
}

export const DatasetChangeConnection = connectionOf(DatasetChangeType, 'DatasetChange');
