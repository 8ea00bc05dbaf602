import { defineCatalogue } from '#platform/runtime';

/**
 * All that a content-free mail may say. `{organisation}` appears in texts for verified paths only; the neutral ones
 * name neither organisation nor product.
 */
export const noticeTexts = defineCatalogue({
  en: {
    'notice.portal-message.subject': 'A secure message from {organisation}',
    'notice.portal-message.subject-neutral': 'You have a secure message',
    'notice.portal-message.intro': '{organisation} has sent you a secure message.',
    'notice.portal-message.intro-neutral': 'Someone has sent you a secure message.',
    'notice.portal-message.open': 'Read the message',
    'notice.portal-message.how':
      'Open this link and confirm that it is you with a code that we send to this address:',
    'notice.portal-message.how-elsewhere': 'Open this link and confirm that it is you:',
    'notice.portal-message.until': 'The message can be read until {date}.',
    'notice.portal-message.care':
      'This notice holds no part of the message. If you did not expect it, you may ignore it.',
    'notice.pdf-password.subject': 'A password from {organisation} waits for you',
    'notice.pdf-password.subject-neutral': 'A password waits for you',
    'notice.pdf-password.intro':
      '{organisation} has sent you a protected PDF in another mail. The password that opens it waits for you on our secure pages.',
    'notice.pdf-password.intro-neutral':
      'Someone has sent you a protected PDF in another mail. The password that opens it waits for you on their secure pages.',
    'notice.pdf-password.open': 'Read the password',
    'notice.pdf-password.how':
      'Open this link and sign in with this address; we send you a code to confirm that it is you:',
    'notice.pdf-password.until': 'The password can be read until {date}.',
    'notice.pdf-password.care':
      'This notice holds neither the password nor any part of the message. If you did not expect it, you may ignore it.',
    'notice.sign-in-code.subject': 'Your sign-in code',
    'notice.sign-in-code.intro': 'Your sign-in code is:',
    'notice.sign-in-code.until': 'It is valid until {date} and can be used once.',
    'notice.sign-in-code.care':
      'Nobody will ever ask you for this code. If you did not ask for it, you may ignore it.',
    'notice.dsn.subject-failed': 'Your message was not delivered',
    'notice.dsn.subject-delayed': 'Your message is delayed',
    'notice.dsn.subject-unread': 'Your message was not read in time',
    'notice.dsn.subject-waiting': 'Your message has not been opened yet',
    'notice.dsn.intro-waiting':
      'The message that you sent on {date} waits to be picked up. It has not been opened yet by:',
    'notice.dsn.waiting': '{address}: not opened yet ({status})',
    'notice.dsn.intro-failed': 'The message that you sent on {date} could not be delivered to:',
    'notice.dsn.intro-delayed':
      'The message that you sent on {date} could not be delivered yet. It is tried further for:',
    'notice.dsn.intro-unread':
      'The message that you sent on {date} waited to be picked up until its time was over, and was deleted unread for:',
    'notice.dsn.failed': '{address}: not delivered ({status})',
    'notice.dsn.expired': '{address}: given up after repeated tries ({status})',
    'notice.dsn.delayed': '{address}: delayed ({status})',
    'notice.dsn.unread': '{address}: expired unread ({status})',
    'notice.dsn.care':
      'This report holds neither subject nor content of your message. Its identifier: {messageId}',
    'notice.portal-read.subject': 'Your secure message was opened',
    'notice.portal-read.intro': 'A recipient of your secure message opened it on {date}.',
    'notice.portal-read.caregiver': 'It was opened by somebody who may read for the recipient, a caregiver.',
    'notice.portal-read.reference': 'Reference: {delivery}',
    'notice.portal-caregiver.intro': 'A secure message has come for somebody whose messages you may read.',
    'notice.portal-caregiver.how':
      'To keep it private, it waits on a protected page. Sign in with the address that this mail came to.',
    'notice.portal-caregiver.open': 'Sign in',
    'notice.portal-unproved.subject': 'Your secure message cannot be opened',
    'notice.portal-unproved.locked':
      'A recipient of your secure message gave too many wrong answers to the security question. The message is locked for them. Speak with them, and unlock it on the page of the message.',
    'notice.portal-unproved.unprovable':
      'A recipient cannot open your secure message: it asks for a second proof of who they are, and none is on record. Put a telephone number or a security question on record for them.',
    'notice.account-changed.subject': 'Your sign-in was changed',
    'notice.account-changed.intro': 'On {date} something that you sign in with was changed:',
    'notice.account-changed.factor-added': 'A way to sign in was added.',
    'notice.account-changed.factor-renamed': 'A way to sign in was given another name.',
    'notice.account-changed.factor-removed': 'A way to sign in was removed.',
    'notice.account-changed.recovery-codes-renewed':
      'New recovery codes were made. The ones before are no longer good.',
    'notice.account-changed.passphrase-changed': 'The passphrase was changed. Sessions elsewhere were ended.',
    'notice.account-changed.recovery-started':
      'An administrator has begun to restore your access. It takes a link from them and a code sent to this address.',
    'notice.account-changed.recovered':
      'Your access was restored: passphrase and ways to sign in are new, and all sessions were ended.',
    'notice.account-changed.care':
      'If that was not you, and you have not agreed to it, call your administrator at once.',
    'notice.sign-in-noticed.subject': 'A sign-in with your address',
    'notice.sign-in-noticed.failed-tries':
      'On {date} somebody tried several times to sign in with your address and did not get in. Further tries are slowed down.',
    'notice.sign-in-noticed.factor-failed':
      'On {date} somebody gave your passphrase and failed several times at the second step.',
    'notice.sign-in-noticed.new-device': 'On {date} you signed in from a browser that was not known yet.',
    'notice.sign-in-noticed.care':
      'If that was not you, change your passphrase, end your other sessions, and call your administrator.',
    'notice.passkey-added.subject': 'A passkey was added',
    'notice.passkey-added.intro':
      'On {date} a passkey was added for signing in to your secure messages with this address.',
    'notice.passkey-added.care':
      'If that was not you, sign in with a code, remove the passkey on the page "Sign-in", and tell the office that writes to you.',
    'notice.security-alert.subject': 'Security alert ({severity})',
    'notice.security-alert.subject-test': 'Security alert: a test',
    'notice.security-alert.opened': 'A rule that watches over your organisation has opened an incident.',
    'notice.security-alert.raised': 'An incident has become more severe.',
    'notice.security-alert.reopened':
      'A closed incident was opened again: there is new evidence of the same kind.',
    'notice.security-alert.escalated': 'An incident waits, and nobody has acknowledged it yet.',
    'notice.security-alert.emergency': 'Somebody has taken emergency access.',
    'notice.emergency-access.subject': 'Emergency access was taken',
    'notice.emergency-access.intro':
      'Somebody in your organisation has taken emergency access. You are told because you may review it.',
    'notice.emergency-access.facts': 'Since: {start}\nAt the latest until: {end}\nNumber: {emergency}',
    'notice.emergency-access.care':
      'Open the console as you always do, and look at the page "Emergency access": it says who and why, and lets you end it. This mail holds no link on purpose.',
    'notice.security-alert.test': 'This is a test of an alert channel. Nothing has happened.',
    'notice.security-alert.facts': 'Severity: {severity}\nIncident: {incident}\nRule: {rule}',
    'notice.security-alert.care':
      'Open the console as you always do, and look at the page "Incidents". This mail holds no link on purpose.',
    'notice.security-alert.low': 'low',
    'notice.security-alert.medium': 'medium',
    'notice.security-alert.high': 'high',
    'notice.security-alert.critical': 'critical',
  },
  es: {
    'notice.portal-message.subject': 'Un mensaje seguro de {organisation}',
    'notice.portal-message.subject-neutral': 'Tiene un mensaje seguro',
    'notice.portal-message.intro': '{organisation} le ha enviado un mensaje seguro.',
    'notice.portal-message.intro-neutral': 'Alguien le ha enviado un mensaje seguro.',
    'notice.portal-message.open': 'Leer el mensaje',
    'notice.portal-message.how':
      'Abra este enlace y confirme que es usted con un código que enviaremos a esta dirección:',
    'notice.portal-message.how-elsewhere': 'Abra este enlace y confirme que es usted:',
    'notice.portal-message.until': 'El mensaje se puede leer hasta el {date}.',
    'notice.portal-message.care':
      'Este aviso no contiene ninguna parte del mensaje. Si no lo esperaba, puede ignorarlo.',
    'notice.pdf-password.subject': 'Le espera una contraseña de {organisation}',
    'notice.pdf-password.subject-neutral': 'Le espera una contraseña',
    'notice.pdf-password.intro':
      '{organisation} le ha enviado un PDF protegido en otro correo. La contraseña que lo abre le espera en nuestras páginas seguras.',
    'notice.pdf-password.intro-neutral':
      'Alguien le ha enviado un PDF protegido en otro correo. La contraseña que lo abre le espera en sus páginas seguras.',
    'notice.pdf-password.open': 'Leer la contraseña',
    'notice.pdf-password.how':
      'Abra este enlace e inicie sesión con esta dirección; le enviaremos un código para confirmar que es usted:',
    'notice.pdf-password.until': 'La contraseña se puede leer hasta el {date}.',
    'notice.pdf-password.care':
      'Este aviso no contiene ni la contraseña ni ninguna parte del mensaje. Si no lo esperaba, puede ignorarlo.',
    'notice.sign-in-code.subject': 'Su código de acceso',
    'notice.sign-in-code.intro': 'Su código de acceso es:',
    'notice.sign-in-code.until': 'Es válido hasta el {date} y se puede usar una sola vez.',
    'notice.sign-in-code.care': 'Nadie le pedirá nunca este código. Si no lo ha solicitado, puede ignorarlo.',
    'notice.dsn.subject-failed': 'Su mensaje no se ha entregado',
    'notice.dsn.subject-delayed': 'Su mensaje se ha retrasado',
    'notice.dsn.subject-unread': 'Su mensaje no se ha leído a tiempo',
    'notice.dsn.subject-waiting': 'Su mensaje todavía no se ha abierto',
    'notice.dsn.intro-waiting':
      'El mensaje que envió el {date} está esperando a ser recogido. Todavía no lo ha abierto:',
    'notice.dsn.waiting': '{address}: todavía sin abrir ({status})',
    'notice.dsn.intro-failed': 'El mensaje que envió el {date} no se ha podido entregar a:',
    'notice.dsn.intro-delayed':
      'El mensaje que envió el {date} todavía no se ha podido entregar. Se sigue intentando para:',
    'notice.dsn.intro-unread':
      'El mensaje que envió el {date} estuvo esperando hasta el final de su plazo y se ha eliminado sin leer para:',
    'notice.dsn.failed': '{address}: no entregado ({status})',
    'notice.dsn.expired': '{address}: abandonado tras varios intentos ({status})',
    'notice.dsn.delayed': '{address}: retrasado ({status})',
    'notice.dsn.unread': '{address}: caducado sin leer ({status})',
    'notice.dsn.care':
      'Este informe no contiene ni el asunto ni el texto de su mensaje. Su identificador: {messageId}',
    'notice.portal-read.subject': 'Su mensaje seguro se ha abierto',
    'notice.portal-read.intro': 'Un destinatario de su mensaje seguro lo abrió el {date}.',
    'notice.portal-read.caregiver':
      'Lo abrió una persona cuidadora, que puede leer en lugar del destinatario.',
    'notice.portal-read.reference': 'Referencia: {delivery}',
    'notice.portal-caregiver.intro':
      'Ha llegado un mensaje seguro para una persona cuyos mensajes usted puede leer.',
    'notice.portal-caregiver.how':
      'Para mantenerlo en privado, espera en una página protegida. Entre con la dirección que recibió este aviso.',
    'notice.portal-caregiver.open': 'Entrar',
    'notice.portal-unproved.subject': 'Su mensaje seguro no se puede abrir',
    'notice.portal-unproved.locked':
      'Un destinatario de su mensaje seguro respondió mal demasiadas veces a la pregunta de seguridad. El mensaje está bloqueado para esa persona. Hable con ella y desbloquéelo en la página del mensaje.',
    'notice.portal-unproved.unprovable':
      'Un destinatario no puede abrir su mensaje seguro: se le pide una segunda prueba de identidad y no hay ninguna registrada. Registre para esa persona un número de teléfono o una pregunta de seguridad.',
    'notice.account-changed.subject': 'Su acceso ha cambiado',
    'notice.account-changed.intro': 'El {date} se cambió algo con lo que usted inicia sesión:',
    'notice.account-changed.factor-added': 'Se añadió una forma de iniciar sesión.',
    'notice.account-changed.factor-renamed': 'Se cambió el nombre de una forma de iniciar sesión.',
    'notice.account-changed.factor-removed': 'Se quitó una forma de iniciar sesión.',
    'notice.account-changed.recovery-codes-renewed':
      'Se crearon nuevos códigos de recuperación. Los anteriores ya no sirven.',
    'notice.account-changed.passphrase-changed':
      'Se cambió la frase de contraseña. Se cerraron las sesiones en otros lugares.',
    'notice.account-changed.recovery-started':
      'Un administrador ha empezado a restablecer su acceso. Hacen falta un enlace suyo y un código enviado a esta dirección.',
    'notice.account-changed.recovered':
      'Se restableció su acceso: la frase de contraseña y las formas de iniciar sesión son nuevas, y se cerraron todas las sesiones.',
    'notice.account-changed.care':
      'Si no fue usted, y no lo ha acordado, llame enseguida a su administrador.',
    'notice.sign-in-noticed.subject': 'Un inicio de sesión con su dirección',
    'notice.sign-in-noticed.failed-tries':
      'El {date} alguien intentó varias veces iniciar sesión con su dirección y no lo consiguió. Los siguientes intentos se frenan.',
    'notice.sign-in-noticed.factor-failed':
      'El {date} alguien dio su frase de contraseña y falló varias veces en el segundo paso.',
    'notice.sign-in-noticed.new-device':
      'El {date} se inició su sesión desde un navegador que aún no se conocía.',
    'notice.sign-in-noticed.care':
      'Si no fue usted, cambie su frase de contraseña, cierre sus otras sesiones y llame a su administrador.',
    'notice.passkey-added.subject': 'Se ha añadido una llave de acceso',
    'notice.passkey-added.intro':
      'El {date} se añadió una llave de acceso para entrar en sus mensajes seguros con esta dirección.',
    'notice.passkey-added.care':
      'Si no fue usted, entre con un código, quite la llave en la página «Acceso» y avise a la oficina que le escribe.',
    'notice.security-alert.subject': 'Alerta de seguridad ({severity})',
    'notice.security-alert.subject-test': 'Alerta de seguridad: una prueba',
    'notice.security-alert.opened': 'Una regla que vigila su organización ha abierto un incidente.',
    'notice.security-alert.raised': 'Un incidente se ha agravado.',
    'notice.security-alert.reopened':
      'Un incidente cerrado se ha vuelto a abrir: hay nuevas pruebas de la misma clase.',
    'notice.security-alert.escalated': 'Un incidente espera y nadie lo ha atendido todavía.',
    'notice.security-alert.emergency': 'Alguien ha tomado acceso de emergencia.',
    'notice.emergency-access.subject': 'Se ha tomado acceso de emergencia',
    'notice.emergency-access.intro':
      'Alguien de su organización ha tomado acceso de emergencia. Se le avisa porque usted puede revisarlo.',
    'notice.emergency-access.facts': 'Desde: {start}\nComo máximo hasta: {end}\nNúmero: {emergency}',
    'notice.emergency-access.care':
      'Abra la consola como siempre y mire la página "Emergency access": dice quién y por qué, y le permite ponerle fin. Este correo no lleva ningún enlace, a propósito.',
    'notice.security-alert.test': 'Esto es una prueba de un canal de alertas. No ha pasado nada.',
    'notice.security-alert.facts': 'Gravedad: {severity}\nIncidente: {incident}\nRegla: {rule}',
    'notice.security-alert.care':
      'Abra la consola como siempre y mire la página «Incidents». Este correo no lleva ningún enlace a propósito.',
    'notice.security-alert.low': 'baja',
    'notice.security-alert.medium': 'media',
    'notice.security-alert.high': 'alta',
    'notice.security-alert.critical': 'crítica',
  },
});
