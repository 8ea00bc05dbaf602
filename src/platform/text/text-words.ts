import type { TextBody } from '#core/text';
import { defineCatalogue, type Locale } from '#platform/runtime';

/**
 * All that a text may say: no organisation, no content, nothing of a person (TX-1). Letters of the GSM default alphabet
 * only: it has é and ñ but no á, í, ó, ú, so the Spanish words are chosen to need none.
 */
const words = defineCatalogue({
  en: {
    'text.sign-in-code': '{code} is your sign-in code, for {minutes} minutes. Share it with nobody.',
    'text.portal-message': 'You have a secure message: {link}',
    'text.pdf-password': 'Password for the PDF that you get by mail: {password}',
    'text.test': 'This is a test. Texts can be sent.',
    'text.alert': 'Security alert ({severity}). Incident {incident}. See the console.',
    'text.emergency': 'Security alert (high). Somebody has taken emergency access. See the console.',
    'text.alert-low': 'low',
    'text.alert-medium': 'medium',
    'text.alert-high': 'high',
    'text.alert-critical': 'critical',
  },
  es: {
    'text.sign-in-code': '{code} es su clave de acceso, por {minutes} minutos. No la comparta con nadie.',
    'text.portal-message': 'Tiene un mensaje seguro: {link}',
    'text.pdf-password': 'Clave del PDF que recibe por correo: {password}',
    'text.test': 'Esto es una prueba. Los mensajes se pueden enviar.',
    'text.alert': 'Alerta de seguridad ({severity}). Incidente {incident}. Vea la consola.',
    'text.emergency': 'Alerta de seguridad (alta). Alguien ha tomado acceso de emergencia. Vea la consola.',
    'text.alert-low': 'baja',
    'text.alert-medium': 'media',
    'text.alert-high': 'alta',
    'text.alert-critical': 'grave',
  },
});

/** The words of a text. `link` makes the address of a portal link from its token. */
export function wordText(
  body: TextBody,
  locale: Locale,
  around: { readonly now: Date; link(token: string): string },
): string {
  switch (body.kind) {
    case 'sign-in-code': {
      const left = body.expiresAt.getTime() - around.now.getTime();
      const minutes = Math.max(1, Math.floor(left / 60_000));
      return words.word(locale, 'text.sign-in-code', { code: body.code, minutes });
    }
    case 'portal-message':
      return words.word(locale, 'text.portal-message', { link: around.link(body.linkToken) });
    case 'pdf-password':
      return words.word(locale, 'text.pdf-password', { password: body.password });
  }
}

export function wordTest(locale: Locale): string {
  return words.word(locale, 'text.test');
}

/** To staff: severity and the id of an incident, of which its last digits are enough to find it. */
/** To staff: somebody took emergency access. */
export const wordEmergency = (locale: Locale): string => words.word(locale, 'text.emergency');

export function wordAlert(
  locale: Locale,
  severity: 'low' | 'medium' | 'high' | 'critical',
  incident: string,
): string {
  const params = { severity: words.word(locale, `text.alert-${severity}`), incident: incident.slice(-8) };
  return words.word(locale, 'text.alert', params);
}
