import type { ENGLISH } from './catalogue-en.ts';
import { PROOF_SPANISH } from './catalogue-proof-es.ts';

/** Spanish texts of the portal, addressing the reader as "usted". */
export const SPANISH: Readonly<Record<keyof typeof ENGLISH, string>> = {
  ...PROOF_SPANISH,
  'portal.name': 'Mensajes seguros',
  'portal.skip': 'Ir al contenido',
  'portal.nav': 'Principal',
  'portal.nav.messages': 'Mensajes',
  'portal.nav.help': 'Ayuda',
  'portal.nav.sign-out': 'Cerrar sesión',
  'portal.language.other': 'English',
  'portal.error.title': 'Error: {title}',
  'portal.error.heading': 'Por favor, revise esto',
  'portal.back-to-messages': 'Volver a los mensajes',
  'portal.size.bytes': '{n} bytes',
  'portal.size.kb': '{n} KB',
  'portal.size.mb': '{n} MB',

  'portal.link.title': 'Le espera un mensaje seguro',
  'portal.link.explain':
    'Para mantenerlo en privado, primero comprobamos que es usted. Enviamos un código de seis cifras a la dirección de correo que recibió el aviso.',
  'portal.link.send': 'Enviarme un código',
  'portal.link.known': 'Este dispositivo está recordado. Puede abrir el mensaje directamente.',
  'portal.link.open': 'Abrir el mensaje',
  'portal.link.not-me': '¿No es su dispositivo o lo comparte? Pida un código.',

  'portal.sign-in.title': 'Entre en sus mensajes',
  'portal.sign-in.explain':
    'Escriba la dirección de correo que recibió el aviso. Enviaremos un código de seis cifras a esa dirección.',
  'portal.sign-in.address': 'Correo electrónico',
  'portal.sign-in.send': 'Enviarme un código',
  'portal.sign-in.address-missing': 'Escriba una dirección de correo, por ejemplo nombre@example.org.',
  'portal.sign-in.link-better': 'El enlace de su aviso es el camino más rápido a un mensaje.',

  'portal.code.title': 'Escriba su código',
  'portal.code.sent':
    'Si le espera un mensaje, acabamos de enviar un código de seis cifras a su correo. Es válido durante {minutes} minutos.',
  'portal.code.label': 'Código de seis cifras',
  'portal.code.hint': 'Puede tardar un minuto en llegar. Mire también en la carpeta de correo no deseado.',
  'portal.code.remember': 'Recordar este dispositivo durante {days} días',
  'portal.code.remember-hint': 'No lo elija en un ordenador compartido o público.',
  'portal.code.continue': 'Continuar',
  'portal.code.again': 'Enviar un código nuevo',
  'portal.code.again-note': 'Un código nuevo sustituye al anterior.',
  'portal.code.malformed': 'Escriba las seis cifras del código.',
  'portal.code.wrong':
    'Ese código no es correcto. Mire nuestro correo más reciente. Intentos restantes: {left}.',
  'portal.code.over': 'Este código ya no se puede usar. Pida uno nuevo.',
  'portal.code.over-title': 'Por favor, pida un código nuevo',
  'portal.code.sign-in-again': 'Empezar de nuevo',

  'portal.slow.title': 'Por favor, espere un poco',
  'portal.slow.until-one': 'Hubo demasiados intentos. Podrá continuar dentro de un minuto, más o menos.',
  'portal.slow.until': 'Hubo demasiados intentos. Podrá continuar dentro de unos {minutes} minutos.',
  'portal.slow.hour': 'Se pidieron demasiados códigos. Inténtelo de nuevo dentro de una hora.',
  'portal.slow.urgent': 'Si es urgente, llame a la oficina que le escribió.',

  'portal.form.stale':
    'Esta página llevaba mucho tiempo abierta o su botón ya se había pulsado. Por favor, púlselo de nuevo.',

  'portal.list.title': 'Sus mensajes',
  'portal.list.empty': 'No hay mensajes para usted aquí.',
  'portal.list.empty-explain':
    'Cuando alguien le envíe un mensaje seguro, recibirá un aviso por correo y encontrará el mensaje aquí.',
  'portal.list.from': 'De',
  'portal.list.subject': 'Asunto',
  'portal.list.date': 'Recibido',
  'portal.list.state': 'Estado',
  'portal.list.expires': 'Disponible hasta',
  'portal.list.older': 'Mensajes anteriores',
  'portal.list.newest': 'Mensajes más recientes',
  'portal.list.no-subject': '(sin asunto)',
  'portal.list.ended-subject': 'Ya no está disponible',
  'portal.list.others': 'Organizaciones que piden su propia entrada',
  'portal.list.switch': 'Ir a {name}',
  'portal.state.waiting': 'Nuevo',
  'portal.state.read': 'Leído',
  'portal.state.expired': 'Caducado',
  'portal.state.retracted': 'Retirado',

  'portal.list.count': '{n} mensajes',
  'portal.list.count-new': '{n} nuevos',

  'portal.list.to': 'Para {name}',
  'portal.state.sent': 'Enviado',

  'portal.write.title': 'Escribir un mensaje',
  'portal.write.text': 'Su mensaje',
  'portal.write.send': 'Enviar mensaje',
  'portal.write.written': 'Escrito',
  'portal.write.choose': 'Elija para quién es',
  'portal.write.nobody': 'Elija para quién es el mensaje.',
  'portal.write.no-subject': 'Escriba en pocas palabras de qué se trata.',
  'portal.write.subject-too-long':
    'El asunto es demasiado largo. Se pueden enviar {most} caracteres como máximo.',
  'portal.write.urgent': 'No escriba aquí en una emergencia. Llame al número de emergencias de su zona.',
  'portal.write.empty':
    'Puede escribir a las personas cuyos mensajes puede abrir aquí. En este momento no hay ninguno. Llame a la oficina.',

  'portal.pdf-passwords.title': 'Contraseñas de PDF',
  'portal.pdf-passwords.one-title': 'Contraseña de su PDF',
  'portal.pdf-passwords.explain':
    'Estos PDF protegidos le llegaron por correo. Elija uno para leer la contraseña que lo abre.',
  'portal.pdf-passwords.empty': 'En este momento no le espera aquí ninguna contraseña.',
  'portal.pdf-passwords.sent': 'Enviado',
  'portal.pdf-passwords.opens': 'El PDF protegido que le llegó por correo se abre con esta contraseña:',
  'portal.pdf-passwords.typing':
    'Solo minúsculas; los guiones forman parte de ella. La misma contraseña abre todos los PDF de este mensaje.',
  'portal.pdf-passwords.back': 'Volver a la lista',

  'portal.search.title': 'Buscar',
  'portal.search.words': 'Palabras que busca',
  'portal.search.hint':
    'Buscamos en sus mensajes más recientes que siguen disponibles. Los que no ha abierto se encuentran solo por asunto y remitente.',
  'portal.search.no-words': 'Escriba una palabra de al menos dos letras.',
  'portal.search.too-often': 'Ha buscado muchas veces. Vuelva a intentarlo dentro de una hora.',
  'portal.search.nothing': 'No se encontró nada. Pruebe otra palabra o solo el principio de una palabra.',
  'portal.search.found': 'Encontrados: {n}',
  'portal.search.before': 'Anteriores al {date}',
  'portal.search.older-left': 'Se buscó en los mensajes desde el {date}. Hay mensajes más antiguos.',
  'portal.search.older': 'Buscar en mensajes más antiguos',
  'portal.search.reply': 'Su respuesta',

  'portal.thread.earlier': 'Antes en esta conversación ({n})',
  'portal.thread.later': 'Después en esta conversación',
  'portal.thread.you': 'Usted',
  'portal.thread.open': 'Abrir este mensaje',
  'portal.thread.open-new': 'Abrir este mensaje nuevo',
  'portal.thread.attachments': 'Archivos adjuntos: {n}',

  'portal.message.from': 'De',
  'portal.message.received': 'Recibido',
  'portal.message.expires': 'Disponible hasta',
  'portal.message.body': 'Mensaje',
  'portal.message.body-frame': 'Texto del mensaje',
  'portal.message.as-text': 'Mostrar como texto sencillo',
  'portal.message.as-sent': 'Mostrar con su formato',
  'portal.message.own-page': 'Mostrar en una página propia',
  'portal.message.empty': 'Este mensaje no tiene texto.',
  'portal.message.pictures': 'Las imágenes de internet no se cargan nunca, para proteger su privacidad.',
  'portal.message.attachments': 'Archivos adjuntos',
  'portal.message.download': 'Descargar {name}',
  'portal.message.view': 'Ver {name}',
  'portal.preview.page': 'Página {page} de {total}',
  'portal.preview.pages': 'Páginas {from} a {to} de {total}',
  'portal.preview.earlier': 'Páginas anteriores',
  'portal.preview.later': 'Páginas siguientes',
  'portal.preview.again': 'Intentar de nuevo',
  'portal.preview.busy':
    'Ahora mismo se están abriendo muchos archivos. Inténtelo de nuevo en un minuto o guarde este.',
  'portal.preview.locked': 'Este PDF tiene su propia contraseña. Guárdelo y ábralo con esa contraseña.',
  'portal.preview.unreadable':
    'Este PDF no se puede mostrar aquí. Guárdelo para abrirlo con un programa suyo.',
  'portal.message.reply': 'Responder',
  'portal.message.print': 'Imprimir',
  'portal.message.replies': 'Sus respuestas',
  'portal.message.reply-sent': 'Enviada',
  'portal.message.reply-sending': 'Enviándose',
  'portal.message.reply-unsure':
    'No pudimos confirmar que esta respuesta se haya enviado. Por favor, envíela de nuevo.',
  'portal.message.reply-files': 'Con: {names}',

  'portal.reply.title': 'Responder',
  'portal.reply.to': 'Para',
  'portal.reply.subject': 'Asunto',
  'portal.reply.text': 'Su respuesta',
  'portal.reply.files': 'Archivos adjuntos',
  'portal.reply.files-hint': 'Hasta {files} archivos, {size} MB en total.',
  'portal.reply.send': 'Enviar respuesta',
  'portal.reply.cancel': 'Cancelar',
  'portal.reply.empty': 'Escriba algo o añada un archivo.',
  'portal.reply.too-long': 'El texto es demasiado largo. Se pueden enviar {most} caracteres como máximo.',
  'portal.reply.too-large':
    'Los archivos son demasiado grandes. En total pueden tener {size} MB. Por favor, elíjalos de nuevo.',
  'portal.reply.too-many-files':
    'Hay demasiados archivos. Se pueden enviar {files} como máximo. Por favor, elíjalos de nuevo.',
  'portal.reply.files-again': 'Por favor, elija de nuevo sus archivos.',
  'portal.reply.too-often':
    'Ha enviado muchas respuestas en poco tiempo. Inténtelo de nuevo dentro de una hora.',
  'portal.reply.refused':
    'No se pudo enviar su respuesta. Inténtelo más tarde o llame a la oficina que le escribió.',
  'portal.reply.not-possible': 'Este mensaje no se puede responder aquí.',
  'portal.reply.sent-title': 'Su respuesta se ha enviado',
  'portal.reply.sent-explain': 'Viaja protegida hasta la persona que le escribió.',
  'portal.reply.back': 'Volver al mensaje',

  'portal.ended.expired-title': 'Este mensaje ha caducado',
  'portal.ended.expired-explain':
    'Estuvo disponible hasta el {date} y aquí se ha destruido, como dispuso quien lo envió. Pida a la oficina que le escribió que lo envíe de nuevo.',
  'portal.ended.retracted-title': 'Este mensaje se ha retirado',
  'portal.ended.retracted-explain':
    'Quien lo envió lo ha retirado. Ya no se puede abrir aquí. Si tiene preguntas, hable con la oficina que le escribió.',

  'portal.missing.title': 'Esta página no existe',
  'portal.missing.explain': 'Quizá era para otra persona o la dirección no está completa.',
  'portal.problem.title': 'Eso no ha funcionado',
  'portal.problem.explain':
    'Inténtelo de nuevo en un momento. Si vuelve a ocurrir, díganos esta referencia: {request}.',
  'portal.problem.too-large': 'Lo que envió es demasiado grande.',

  'portal.signed-out.title': 'Ha cerrado la sesión',
  'portal.signed-out.explain': 'En un ordenador compartido, cierre también todas las ventanas del navegador.',
  'portal.signed-out.again': 'Entrar de nuevo',
  'portal.sign-out.title': 'Cerrar sesión',
  'portal.sign-out.explain': 'Un dispositivo recordado no necesita código la próxima vez.',
  'portal.sign-out.keep': 'Cerrar sesión',
  'portal.sign-out.forget': 'Cerrar sesión y olvidar este dispositivo',

  'portal.help.title': 'Ayuda',
  'portal.help.why-title': '¿Por qué está el mensaje aquí y no en mi correo?',
  'portal.help.why':
    'No se pudo comprobar que el camino hasta su buzón fuera privado. Por eso el mensaje se queda aquí, protegido, y solo salió un aviso sin contenido.',
  'portal.help.code-title': 'El código no llega',
  'portal.help.code':
    'Espere un minuto y mire en la carpeta de correo no deseado. Pida un código nuevo; solo vale el más reciente. El código va a la dirección que recibió el aviso. Si reenvía su correo o usa varias direcciones, mire en el buzón de esa dirección.',
  'portal.help.expired-title': 'Mi mensaje ha caducado',
  'portal.help.expired':
    'Los mensajes se guardan durante un tiempo limitado, a menudo 30 días. Pida a la oficina que le escribió que lo envíe de nuevo.',
  'portal.help.device-title': '¿Qué significa recordar un dispositivo?',
  'portal.help.device':
    'Durante 90 días no necesita código en ese dispositivo. Si cambia de navegador, preguntamos de nuevo. Al cerrar la sesión puede hacer que olvidemos el dispositivo.',
  'portal.help.trust-title': '¿Cómo sé que un aviso es auténtico?',
  'portal.help.trust':
    'En un aviso nunca pedimos contraseñas, dinero ni datos personales. El enlace lleva a este sitio. En caso de duda, llame a la oficina de la que espera el mensaje.',
};
