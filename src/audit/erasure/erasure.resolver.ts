import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import type { ErasureService } from './erasure.service.js';
import { ErasePersonInput, ErasePersonPayload } from './erasure.type.js';

@Resolver()
export class ErasureResolver {
  constructor(private readonly erasures: ErasureService) {}

  @Mutation(() => ErasePersonPayload, {
    description:
      'Forgets a person for good: name, handle, identity, tokens, and their texts in the audit log, whose proofs stay valid. Needs the ADMIN role.',
  })
  erasePerson(
    @Ctx() { actor }: Context,
    @Arg('input', () => ErasePersonInput, { description: 'The account, and the reason.' }) input: ErasePersonInput,
  ): Promise<ErasePersonPayload> {
    return this.erasures.erase(actor, input);
  }
}
