import type { PROOF_ENGLISH } from './catalogue-proof-en.ts';

/** Spanish texts about proving who one is, beyond the mailed code. */
export const PROOF_SPANISH: Readonly<Record<keyof typeof PROOF_ENGLISH, string>> = {
  'portal.nav.ways': 'Acceso',

  'portal.link.explain-to':
    'Para mantenerlo en privado, primero comprobamos que es usted. Enviamos un código de seis cifras a {address}, la dirección de correo a la que se envió el mensaje.',
  'portal.link.alias-title': '¿No es esa la dirección que usa?',
  'portal.link.alias':
    'El código se envía siempre a la dirección a la que se envió el mensaje. Si esa dirección le reenvía el correo, o es otro nombre de su buzón, el código le llegará por el mismo camino que el aviso. Si ya no puede leer el correo de esa dirección, o alguien le pasó el aviso, pida al remitente que envíe el mensaje a la dirección que usa ahora.',
  'portal.other.title': 'Este mensaje se envió a otra dirección',
  'portal.other.explain':
    'Ha entrado con una dirección distinta. Este mensaje se envió a {address}. Si esa también es suya, pida un código: llegará a esa dirección. Si prefiere recibir los mensajes en la dirección con la que ha entrado, dígaselo a la oficina que le escribió.',
  'portal.code.sent-to':
    'Si le espera un mensaje, acabamos de enviar un código de seis cifras a {address}. Es válido durante {minutes} minutos.',

  'portal.text.send': 'Enviar el código por SMS al {telephone}',
  'portal.text.sent':
    'Acabamos de enviar un código de seis cifras por SMS al {telephone}. Es válido durante {minutes} minutos.',
  'portal.text.hint': 'Puede tardar un minuto en llegar.',

  'portal.prove.title': 'Un paso más',
  'portal.prove.guarded': 'Se abre después de un paso más',
  'portal.prove.explain': 'Este mensaje necesita más protección. Demuestre una vez más que es usted.',
  'portal.prove.explain-question':
    'Este mensaje necesita más protección. Responda a algo que la oficina que le escribió sabe de usted.',
  'portal.prove.birth': 'Su fecha de nacimiento',
  'portal.prove.birth-hint': 'Con día, mes y el año completo. Por ejemplo: 27 de marzo de 1958',
  'portal.prove.secret': 'La respuesta que acordó con la oficina',
  'portal.prove.secret-hint': 'No importan las mayúsculas, los espacios ni los acentos.',
  'portal.prove.empty': 'Escriba una respuesta.',
  'portal.prove.wrong': 'No es la respuesta que tenemos. Intentos restantes: {left}.',
  'portal.prove.mail': 'Enviar un código por correo',
  'portal.closed.unprovable-title': 'Este mensaje todavía no se puede abrir',
  'portal.closed.unprovable':
    'Necesita una segunda prueba de que es usted, y la oficina que le escribió no tiene ninguna registrada: ni número de teléfono ni pregunta.',
  'portal.closed.unprovable-help':
    'Hemos avisado al remitente. También puede llamar a la oficina y pedir que añadan su número de teléfono o una pregunta. Después vuelva con el enlace de su aviso.',
  'portal.closed.unprovable-caregiver-title': 'Este mensaje todavía no se puede abrir',
  'portal.closed.unprovable-caregiver':
    'Se necesita una segunda prueba de que es usted, y la oficina no tiene registrado ningún número de teléfono suyo.',
  'portal.closed.unprovable-caregiver-help':
    'Llame a la oficina y pida que añadan su número de teléfono a la dirección con la que usted entra. Después vuelva aquí.',
  'portal.closed.locked-title': 'Este mensaje está bloqueado',
  'portal.closed.locked':
    'Hubo demasiadas respuestas equivocadas. Para proteger su privacidad, el mensaje permanece cerrado.',
  'portal.closed.locked-help':
    'Hemos avisado al remitente. Llame a la oficina que le escribió: pueden desbloquearlo.',

  'portal.passkey.use': 'Usar una llave de acceso',
  'portal.passkey.failed':
    'La llave de acceso no funcionó, o usted la canceló. Puede intentarlo de nuevo o usar un código.',
  'portal.passkey.failed-title': 'Esa llave de acceso no funcionó',
  'portal.passkey.code-instead': 'Usar un código',
  'portal.passkey.add': 'Añadir una llave de acceso',
  'portal.passkey.not-added': 'La llave de acceso no se añadió. Puede intentarlo de nuevo.',
  'portal.passkey.unable':
    'Este navegador no puede añadir aquí una llave de acceso. Entrar con un código siempre funciona.',
  'portal.passkey.faster': 'Entre más rápido la próxima vez',
  'portal.passkey.faster-explain':
    'Con una llave de acceso entra con su huella, su cara o el bloqueo de pantalla, sin esperar un código.',
  'portal.passkey.set-up': 'Configurar una llave de acceso',

  'portal.ways.title': 'Cómo entra usted',
  'portal.ways.passkeys': 'Llaves de acceso',
  'portal.ways.passkeys-explain':
    'Una llave de acceso (passkey) le permite entrar con su huella, su cara o el bloqueo de pantalla. Se queda en su dispositivo o en su gestor de contraseñas; nosotros nunca vemos su huella ni su cara.',
  'portal.ways.not-here':
    'Ha entrado con su cuenta de un portal de pacientes. Las llaves de acceso y los dispositivos recordados se muestran cuando entra con un código.',
  'portal.ways.code-first':
    'Para añadir una llave de acceso, cierre la sesión y entre primero con un código.',
  'portal.way.passkey': 'Llave de acceso {n}',
  'portal.way.device': 'Dispositivo {n}',
  'portal.ways.here': 'en uso aquí',
  'portal.ways.since': 'Desde',
  'portal.ways.used': 'Último uso',
  'portal.ways.remove': 'Quitar {name}',
  'portal.ways.devices': 'Dispositivos recordados',
  'portal.ways.no-devices': 'No hay ningún dispositivo recordado.',
  'portal.ways.everywhere': '¿Ha perdido un dispositivo?',
  'portal.ways.everywhere-explain':
    'Esto cierra la sesión en todos los dispositivos, también en este, y olvida todos los dispositivos recordados. Las llaves de acceso se conservan; quite arriba las que haya perdido.',
  'portal.ways.everywhere-press': 'Cerrar sesión en todas partes',
  'portal.way.added': 'La llave de acceso se ha añadido.',
  'portal.way.removed': 'Se ha quitado.',
};
