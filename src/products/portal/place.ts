import type { OrganisationId, PortalPersonId } from '#core/ids';
import type { OrganisationProfile } from './needs.ts';

/** By which grant somebody sees another person's messages. The rules themselves are read from the grant at each statement. */
export interface Care {
  readonly grant: string;
  /** Who looks: the caregiver, as the organisation knows them. `Place.person` is the patient. */
  readonly caregiver: PortalPersonId;
  /** What staff called the patient, for "for …". */
  readonly label: string;
  /** The patient's address, where the grant shows it. */
  readonly address: string | null;
  readonly mayReply: boolean;
}

/** One person's messages in one organisation, as one session may see them: a pair that every statement carries. */
export interface Place {
  readonly organisation: OrganisationId;
  readonly person: PortalPersonId;
  readonly profile: OrganisationProfile;
  /** Null for the messages of the person who is signed in. */
  readonly care: Care | null;
}

/** Who looks at whose messages: what statements are bound to. */
export type Looking = Pick<Place, 'organisation' | 'person'> & {
  readonly care: Pick<Care, 'grant' | 'caregiver'> | null;
};
