import { catalogue } from './catalogue.ts';

/** Words of where somebody else is signed in. */
export const memberSessionsText = catalogue({
  en: {
    lead: 'Where this person is signed in to your organisation. What they have open elsewhere is not shown.',
    loading: 'The sessions are being loaded',
    none: 'Not signed in',
    noneLead: 'This person has no session in your organisation.',
    current: 'Your own session, here',
    end: 'End',
    endOf: (agent: string, from: string) => `End the session with ${agent} from ${from}`,
    endTitle: (name: string) => `End this session of ${name}?`,
    endLead:
      'The browser is signed out within seconds. What was not saved there is lost; they can sign in again.',
    endAll: 'Sign out everywhere',
    endAllTitle: (name: string) => `Sign ${name} out everywhere?`,
    endAllLead:
      'Every session of this person in your organisation ends within seconds. They can sign in again: where an account is in wrong hands, restore the access or remove the person as well.',
    endAllOwnLead: 'Every session of yours in this organisation ends within seconds, but for this one.',
  },
});
