/** What the steps of the set-up gather. Lives in memory only. */
export interface SetupForm {
  organisationName: string;
  consoleUrl: string;
  portalUrl: string;
  displayName: string;
  address: string;
}
