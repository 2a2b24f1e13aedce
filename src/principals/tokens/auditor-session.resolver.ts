import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import type { AuditorSession } from './auditor-session.js';
import type { AuditorSessionService } from './auditor-session.service.js';
import * as type from './auditor-session.type.js';
import type { Principal } from '../accounts/principal.js';
import type { PrincipalService } from '../accounts/principal.service.js';
import { PrincipalType } from '../accounts/principal.type.js';

@Resolver(() => type.AuditorSessionType)
export class AuditorSessionResolver {
  constructor(
    private readonly sessions: AuditorSessionService,
    private readonly principals: PrincipalService,
  ) {}

  @Query(() => type.AuditorSessionType, {
    nullable: true,
    description: 'The auditor session you are in, with the time you see everything as of; null when you are in none.',
  })
  auditorSession(@Ctx() { actor }: Context): Promise<AuditorSession | null> {
    return this.sessions.own(actor);
  }

  @Query(() => type.AuditorSessionConnection, {
    nullable: true,
    name: 'auditorSessions',
    description: 'Stays of outside auditors, the newest first; for ADMIN and AUDITOR.',
  })
  async listAuditorSessions(
    @Ctx() { actor }: Context,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('liveOnly', () => Boolean, { defaultValue: false, description: 'Only those that have not ended.' })
    liveOnly = false,
  ): Promise<Connection<AuditorSession>> {
    const page = pageOf('auditorSessions', args);
    const rows = await this.sessions.list(actor, liveOnly, page);
    return toConnection('auditorSessions', page, rows, () => this.sessions.count(actor, liveOnly));
  }

  @Mutation(() => type.OpenAuditorSessionPayload, {
    description: 'Lets an auditor from outside read everything, as of one time and for a time; needs the ADMIN role.',
  })
  async openAuditorSession(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.OpenAuditorSessionInput, { description: 'The auditor, and the lifetime of the session.' })
    input: type.OpenAuditorSessionInput,
  ): Promise<type.OpenAuditorSessionPayload> {
    const { session: auditorSession, secret } = await this.sessions.open(actor, input);
    return { auditorSession, secret };
  }

  @Mutation(() => type.EndAuditorSessionPayload, {
    description: 'Ends an auditor session at once; needs the ADMIN role.',
  })
  async endAuditorSession(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.EndAuditorSessionInput, { description: 'The auditor session to end.' })
    input: type.EndAuditorSessionInput,
  ): Promise<type.EndAuditorSessionPayload> {
    return { auditorSession: await this.sessions.end(actor, input.session) };
  }

  @FieldResolver(() => PrincipalType, { description: 'The administrator who opened it.' })
  openedBy(@Root() session: AuditorSession, @Ctx() { actor, loaders }: Context): Promise<Principal> {
    return loaders.get('principal', session.openedById, (ids) => this.principals.byIds(actor, ids));
  }
}
