// Small improvements; every page works without them. Nothing here sends anything by itself.

const locale = document.documentElement.lang === 'es' ? 'es-US' : 'en-US';

const STYLES = {
  day: { dateStyle: 'long' },
  minute: { dateStyle: 'long', timeStyle: 'short' },
  'short-day': { dateStyle: 'medium' },
  'short-minute': { dateStyle: 'medium', timeStyle: 'short' },
};

// Times into the reader's own zone, the exact moment on hover.
for (const time of document.querySelectorAll('time[datetime]')) {
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.getTime())) continue;
  const style = STYLES[time.dataset.style] ?? STYLES.minute;
  time.textContent = new Intl.DateTimeFormat(locale, style).format(moment);
  time.title = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long' }).format(moment);
}

// A second press of the same button while the first is on its way does nothing.
for (const form of document.querySelectorAll('form[data-once]')) {
  let sent = false;
  form.addEventListener('submit', (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    for (const button of form.querySelectorAll('button')) button.setAttribute('aria-disabled', 'true');
  });
  // Coming back with the browser's back button shows the page as it was: it may be used again.
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    sent = false;
    for (const button of form.querySelectorAll('button')) button.removeAttribute('aria-disabled');
  });
}

// Too large or too many files are said at once, before they travel.
for (const form of document.querySelectorAll('form[data-most-octets]')) {
  const input = form.querySelector('input[type="file"]');
  if (input === null) continue;
  input.addEventListener('change', () => {
    const files = [...input.files];
    const octets = files.reduce((sum, file) => sum + file.size, 0);
    const tooLarge = octets > Number(form.dataset.mostOctets);
    const tooMany = files.length > Number(form.dataset.mostFiles);
    const complaint = tooLarge ? form.dataset.tooLarge : tooMany ? form.dataset.tooMany : '';
    document.getElementById('files-error')?.remove();
    if (complaint === '') {
      input.removeAttribute('aria-invalid');
      input.setAttribute('aria-describedby', 'files-hint');
      return;
    }
    const error = document.createElement('p');
    error.className = 'field-error';
    error.id = 'files-error';
    error.setAttribute('role', 'alert');
    error.textContent = complaint;
    input.before(error);
    input.setAttribute('aria-invalid', 'true');
    input.setAttribute('aria-describedby', 'files-hint files-error');
    input.value = '';
  });
}

for (const button of document.querySelectorAll('button[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => print());
}

// Passkeys: the one thing here that a page cannot do without script. The form carries the challenge; what the
// authenticator answers travels as ordinary fields. Without script, or where the browser knows none, a code serves.
const octets = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
const text64 = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const PASSKEY_ACTS = {
  get: async (form, challenge) => {
    const publicKey = {
      challenge,
      rpId: form.dataset.rp,
      userVerification: 'required',
      allowCredentials: [],
    };
    const { id, response } = await navigator.credentials.get({ publicKey });
    const { clientDataJSON, authenticatorData, signature } = response;
    return {
      id,
      clientDataJSON: text64(clientDataJSON),
      authenticatorData: text64(authenticatorData),
      signature: text64(signature),
    };
  },
  create: async (form, challenge) => {
    const { rp, rpName, user, userName, known } = form.dataset;
    const publicKey = {
      challenge,
      rp: { id: rp, name: rpName },
      user: { id: octets(user), name: userName, displayName: userName },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: 'public-key', alg })),
      authenticatorSelection: {
        residentKey: 'required',
        requireResidentKey: true,
        userVerification: 'required',
      },
      excludeCredentials: known
        .split(' ')
        .filter((id) => id !== '')
        .map((id) => ({ type: 'public-key', id: octets(id) })),
      attestation: 'none',
    };
    const { id, response } = await navigator.credentials.create({ publicKey });
    const transports = response.getTransports?.() ?? [];
    return {
      id,
      clientDataJSON: text64(response.clientDataJSON),
      attestationObject: text64(response.attestationObject),
      transports: transports.join(' '),
    };
  },
};

for (const form of document.querySelectorAll('form[data-passkey]')) {
  const act = PASSKEY_ACTS[form.dataset.passkey];
  if (window.PublicKeyCredential === undefined || act === undefined) continue;
  form.hidden = false;
  for (const unable of document.querySelectorAll('[data-no-passkey]')) unable.hidden = true;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    form.querySelector('[role="alert"]')?.remove();
    try {
      const fields = await act(form, octets(form.elements.token.value));
      for (const [name, value] of Object.entries(fields)) form.elements[name].value = value;
    } catch {
      // Stopped by the person, no passkey for this place, or a fault of the device: all of it is said the same way.
      const error = document.createElement('p');
      error.className = 'field-error';
      error.setAttribute('role', 'alert');
      error.textContent = form.dataset.failed;
      form.prepend(error);
      return;
    }
    // Not `requestSubmit`: the answer is here, and this handler must not be asked again.
    form.submit();
  });
}
