// The part of samlify that tests use. Its own types bring the browser's into every file; tsconfig.json points here.
export interface Entity {
  getMetadata(): string;
}
export interface IdentityProviderEntity extends Entity {
  parseLoginRequest(
    service: Entity,
    binding: 'redirect',
    request: { readonly query: Readonly<Record<string, string>>; readonly octetString: string },
  ): Promise<{ readonly extract: { readonly request: { readonly id: string } } }>;
  createLoginResponse(
    service: Entity,
    request: object,
    binding: 'post',
    user: object,
    replace: (template: string) => { readonly id: string; readonly context: string },
  ): Promise<{ readonly context: string }>;
}
export function IdentityProvider(settings: object): IdentityProviderEntity;
export function ServiceProvider(settings: object): Entity;
export function setSchemaValidator(validator: { validate(xml: string): Promise<string> }): void;
export const SamlLib: {
  replaceTagsByValue(template: string, values: Readonly<Record<string, string>>): string;
};
export const Constants: {
  readonly namespace: { readonly binding: { readonly redirect: string; readonly post: string } };
};
