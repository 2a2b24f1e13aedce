import { sought } from '../../neo4j/sought.js';
import { keepPast, kindOf } from './principal.cypher.js';

/**
 * One lock for all changes of who is an ADMIN: of two that would each leave the other as the last one, the second sees
 * what the first has done. The node is made at the first start.
 */
export const LOCK_ADMINISTRATION = `// principals.lockAdministration
MERGE (i:Installation {key: 'administration'})
SET i.lockedAt = $now
REMOVE i.lockedAt
RETURN COUNT { MATCH (u:User {role: 'ADMIN'}) WHERE u.disabledAt IS NULL AND u.id <> $except } AS otherAdmins`;

export const LOCK_PRINCIPAL = `// principals.lockPrincipal
MATCH (p:Principal) ${sought('p:Principal', 'id', '$id')}
SET p.lockedAt = $now
REMOVE p.lockedAt
RETURN properties(p) AS principal, ${kindOf('p')} AS kind`;

export const SET_DISABLED = `// principals.setDisabled
MATCH (p:Principal {id: $id})
${keepPast('p')}
SET p.disabledAt = $disabledAt
RETURN properties(p) AS principal, ${kindOf('p')} AS kind`;

export const SET_ROLE = `// principals.setRole
MATCH (p:Principal {id: $id})
${keepPast('p')}
SET p.role = $role
RETURN properties(p) AS principal, ${kindOf('p')} AS kind`;
