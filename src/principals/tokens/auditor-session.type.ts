import { Field, ID, InputType, Int, ObjectType, Root } from 'type-graphql';
import { calledByType } from '../../graphql/deprecated.js';
import { connectionOf } from '../../graphql/connection.type.js';
import { Node } from '../../graphql/node.type.js';
import { DateTime } from '../../graphql/scalars.js';
import type { AuditorSession } from './auditor-session.js';
import { PrincipalType } from '../accounts/principal.type.js';

@ObjectType('AuditorSession', {
  implements: [PrincipalType, Node],
  description:
    'A stay of an outside auditor, who reads everything as it was at `asOf` until the session ends, and whose every read is in the audit log. What is kept without its past is refused to it: launchers, who is orphaned, why somebody may do something. A use of a token that came later hides the earlier ones.',
})
export class AuditorSessionType extends PrincipalType {
  @Field(() => String, { description: 'The reason for the session.' })
  reason!: string;
  @Field(() => DateTime, { description: 'Everything is shown as it was then; what came later is not there.' })
  asOf!: Date;
  @Field(() => DateTime, { description: 'The time when it was opened.' })
  createdAt!: Date;
  @Field(() => DateTime, { description: 'The time when it ends by itself.' })
  expiresAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'The time when it was ended early; null when it was not.' })
  endedAt!: Date | null;
}

export const AuditorSessionConnection = connectionOf(AuditorSessionType, 'AuditorSession');

@InputType({ description: 'An auditor from outside to let in for a time.' })
export class OpenAuditorSessionInput {
  @Field(() => String, { description: 'The name of the auditor, and the organisation they come from.' })
  auditor!: string;
  @Field(() => String, { description: 'The reason for the session, for the audit log.' })
  reason!: string;
  @Field(() => DateTime, { nullable: true, description: 'The time they see everything as of; now, when not given.' })
  asOf?: Date | null;
  @Field(() => Int, {
    nullable: true,
    description:
      'Hours until it ends by itself: 1 to 720; 24 when not given. Opened with an API token it ends with that at the latest: more is refused, and when not given it ends then.',
  })
  expiresInHours?: number | null;
}

@InputType({ description: 'An auditor session to end.' })
export class EndAuditorSessionInput {
  @Field(() => ID, { description: 'Id of the session.' })
  session!: string;
}

@ObjectType({ description: 'The session as opened.' })
export class OpenAuditorSessionPayload {
  @Field(() => AuditorSessionType, { description: 'The auditor session that was opened.' })
  auditorSession!: AuditorSession;
  @Field(() => AuditorSessionType, {
    description: 'The auditor session that was opened.',
    deprecationReason: calledByType('auditorSession'),
  })
  session?(@Root() { auditorSession }: OpenAuditorSessionPayload): AuditorSession {
    return auditorSession;
  }
  @Field(() => String, {
    description: 'The secret that the auditor sends as "Authorization: Bearer …". Shown this once.',
  })
  secret!: string;
}

@ObjectType({ description: 'The session after the change.' })
export class EndAuditorSessionPayload {
  @Field(() => AuditorSessionType, { description: 'The session, now ended.' })
  auditorSession!: AuditorSession;
  @Field(() => AuditorSessionType, {
    description: 'The session, now ended.',
    deprecationReason: calledByType('auditorSession'),
  })
  session?(@Root() { auditorSession }: EndAuditorSessionPayload): AuditorSession {
    return auditorSession;
  }
}
