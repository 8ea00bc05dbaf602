import type { Actor, Caller } from '#core/actor';
import type { Access } from '#platform/access';

export interface ActorLabel {
  readonly kind: Actor['kind'];
  readonly id: string;
  readonly label: string;
}

/**
 * Gives an actor a name to show: a person's display name, else the kind; ids stay beside it. Somebody who was never a
 * member here (who made the organisation for others) is not named: names belong to the organisation they work in.
 */
export async function labelActor(access: Access, caller: Caller, actor: Actor): Promise<ActorLabel> {
  switch (actor.kind) {
    case 'person': {
      const person = await access.members.personIn(caller.organisation, actor.identity);
      return {
        kind: actor.kind,
        id: actor.identity,
        label: person?.displayName ?? 'Person outside of this organisation',
      };
    }
    case 'api-key':
      return { kind: actor.kind, id: actor.apiKey, label: 'API key' };
    case 'recipient':
      return { kind: actor.kind, id: actor.person, label: 'Recipient' };
    case 'system':
      return { kind: actor.kind, id: actor.component, label: actor.component };
  }
}
