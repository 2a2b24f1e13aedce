import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { Asset } from '../../catalog/model/asset.js';
import { AssetType } from '../../catalog/assets/asset.type.js';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import type { AuditEntry } from './audit.js';
import type { AuditQuestion, AuditService } from './audit.service.js';
import { AuditEntryConnection, AuditFilter } from './audit.type.js';

@Resolver(() => AssetType)
export class AuditResolver {
  constructor(private readonly entries: AuditService) {}

  @Query(() => AuditEntryConnection, {
    nullable: true,
    name: 'audit',
    description:
      'The audit log, the newest first: what you did, and what concerns assets you own; all of it for ADMIN and AUDITOR.',
  })
  async listAudit(
    @Ctx() { actor }: Context,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => AuditFilter, {
      nullable: true,
      description: 'Conditions on the entries; all, when not given.',
    })
    filter?: AuditFilter | null,
  ): Promise<Connection<AuditEntry>> {
    const page = pageOf('audit', args);
    const question = questionOf(filter);
    const rows = await this.entries.list(actor, question, page);
    return toConnection('audit', page, rows, () => this.entries.count(actor, question));
  }

  @FieldResolver(() => AuditEntryConnection, {
    nullable: true,
    description: 'The audit entries about it, the newest first, as far as it is yours to know.',
  })
  async audit(
    @Root() asset: Asset,
    @Ctx() { actor, loaders }: Context,
    @Args(() => PageArgs) args: PageArgs,
  ): Promise<Connection<AuditEntry>> {
    const page = pageOf('audit', args);
    const rows = await loaders.get('asset.audit', asset.id, (ids) => this.entries.of(actor, ids, page), page);
    const count = () => loaders.get('asset.auditCount', asset.id, (ids) => this.entries.countOf(actor, ids));
    return toConnection('audit', page, rows, count);
  }
}

function questionOf(filter: AuditFilter | null | undefined): AuditQuestion {
  return {
    actorId: filter?.actor ?? null,
    targetId: filter?.target ?? null,
    asset: filter?.asset ?? null,
    requestId: filter?.requestId ?? null,
    actions: filter?.actions ?? null,
    outcome: filter?.outcome ?? null,
    from: filter?.from ?? null,
    until: filter?.until ?? null,
  };
}
