import type { AssetService } from '../catalog/assets/asset.service.js';
import type { VersionRepository } from '../catalog/versions/version.repository.js';
import { DeclassificationRepository } from '../governance/grants/declassification.repository.js';
import * as grantResolver from '../governance/grants/declassification.resolver.js';
import { DeclassificationService } from '../governance/grants/declassification.service.js';
import { GrantEntitlement } from '../governance/grants/entitlement.policy.js';
import { Dimensions } from '../governance/labels/dimensions.js';
import { EffectiveRepository } from '../governance/labels/effective.repository.js';
import { EffectiveLabelsReader } from '../governance/labels/effective.service.js';
import { LabelReads } from '../governance/labels/label-reads.service.js';
import { LabelRepository } from '../governance/labels/label.repository.js';
import * as resolver from '../governance/labels/label.resolver.js';
import { LabelService } from '../governance/labels/label.service.js';
import type { PrincipalService } from '../principals/accounts/principal.service.js';
import type { Parts, ResolverEntries } from './parts.js';

interface Shared {
  assets: AssetService;
  versionRows: VersionRepository;
  principals: PrincipalService;
}

/** Labels: declared, and what follows from them along the lineage. */
export function wireLabels({ graph, now, labelDimensions }: Parts, { assets, versionRows, principals }: Shared) {
  const dimensions = new Dimensions(labelDimensions);
  const rows = new LabelRepository(graph, dimensions, now);
  const effectiveRows = new EffectiveRepository(dimensions, now);
  const effectiveLabels = new EffectiveLabelsReader(graph, effectiveRows, dimensions, now);
  const labels = new LabelService(graph, rows, assets, versionRows, dimensions, now);
  const reads = new LabelReads(rows, now);
  const grantRows = new DeclassificationRepository(graph, now);
  const entitlement = new GrantEntitlement(grantRows, effectiveRows, assets, dimensions);
  const grants = new DeclassificationService(graph, grantRows, assets, entitlement, { dimensions, now });
  const { DeclassificationResolver, ...belowGrants } = grantResolver;
  const resolvers: ResolverEntries = [
    [DeclassificationResolver, new DeclassificationResolver(grants, { principals, assets })],
    [belowGrants.DeclassificationApprovalResolver, new belowGrants.DeclassificationApprovalResolver(principals)],
    [belowGrants.DeclassificationEndResolver, new belowGrants.DeclassificationEndResolver(principals)],
    [belowGrants.TransformationGrantsResolver, new belowGrants.TransformationGrantsResolver(grants)],
    [resolver.LabelResolver, new resolver.LabelResolver(labels, dimensions)],
    [resolver.FieldLabelsResolver, new resolver.FieldLabelsResolver()],
    [resolver.DatasetLabelsResolver, new resolver.DatasetLabelsResolver()],
    [resolver.ModelLabelsResolver, new resolver.ModelLabelsResolver()],
    [resolver.TransformationLabelsResolver, new resolver.TransformationLabelsResolver()],
    [resolver.DeploymentLabelsResolver, new resolver.DeploymentLabelsResolver()],
    [resolver.DatasetVersionLabelsResolver, new resolver.DatasetVersionLabelsResolver()],
    [resolver.ModelVersionLabelsResolver, new resolver.ModelVersionLabelsResolver()],
    [resolver.LabelsFieldsResolver, new resolver.LabelsFieldsResolver(reads, effectiveLabels, dimensions)],
    [resolver.EffectiveLabelResolver, new resolver.EffectiveLabelResolver()],
    [resolver.LabelOriginResolver, new resolver.LabelOriginResolver(effectiveLabels)],
    [resolver.LabelDeclarationResolver, new resolver.LabelDeclarationResolver(principals)],
  ];
  return { effectiveLabels, dimensions, declassifications: grants, resolvers };
}
