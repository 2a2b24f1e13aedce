import { badInput } from '../../errors.js';
import type { NewOwner } from '../assets/asset.repository.js';

/** An asset always has an owner, and nobody twice. Throws BAD_USER_INPUT. */
export function checkOwners(owners: NewOwner[]): NewOwner[] {
  if (!owners.some((owner) => owner.role === 'OWNER')) {
    throw badInput('An asset always has an owner: name at least one principal with the role OWNER.');
  }
  const twice = owners.find((owner, index) => owners.findIndex((other) => other.id === owner.id) !== index);
  if (twice) throw badInput(`The principal ${twice.id} is named twice among the owners. Give each one role.`);
  return owners;
}
