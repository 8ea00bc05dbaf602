import { catalogue } from './catalogue.ts';

/** Words of the frame: navigation, command palette, account menu. */
export const shell = catalogue({
  en: {
    navigation: 'Main',
    openNavigation: 'Open the navigation',
    settingsGroup: 'Settings',
    overview: 'Overview',
    messages: 'Messages',
    compose: 'New message',
    sandbox: 'Sandbox mailboxes',
    audit: 'Audit log',
    policy: 'Protection policy',
    apiKeys: 'API keys',
    organisation: 'Organisation',
    people: 'People',
    sessions: 'My sessions',
    installation: 'Installation',
    account: (name: string) => `Account of ${name}`,
    signOut: 'Sign out',
    theme: 'Light or dark',
    themes: { system: 'As the system has it', light: 'Light', dark: 'Dark' },
    sandboxShort: 'Sandbox mode',
    sandboxBanner: 'Sandbox mode: mail goes to sandbox addresses only and stays on this machine.',
    sandboxLeave: 'Leave the sandbox',
    palette: 'Commands',
    paletteHint: 'Go to a page or act',
    paletteGo: 'Go to',
    paletteAct: 'Act',
    paletteEmpty: 'No command has these words.',
    paletteSearch: (words: string) => `Search messages for “${words}”`,
  },
});
