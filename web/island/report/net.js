// Asking the house: XMLHttpRequest, which tells how far an upload is and which
// every web view has.

/**
 * @param {string} method
 * @param {string} address
 * @param {{body?: any, headers?: Record<string, string>, progress?: (share: number) => void}} options
 * @param {(answer: {status: number, body: any, wait: number}) => void} done status 0: the network failed
 */
export function ask(method, address, options, done) {
  const x = new XMLHttpRequest();
  x.open(method, address);
  x.timeout = options.body ? 300000 : 20000;
  x.setRequestHeader('Accept', 'application/json');
  const headers = options.headers || {};
  Object.keys(headers).forEach((name) => x.setRequestHeader(name, headers[name]));
  if (options.progress && x.upload) {
    x.upload.onprogress = (e) => {
      if (e.lengthComputable) options.progress(e.loaded / e.total);
    };
  }
  x.onload = () => {
    let body = null;
    try {
      body = JSON.parse(x.responseText);
    } catch (e) {
      body = null;
    }
    done({ status: x.status, body, wait: +x.getResponseHeader('Retry-After') || 0 });
  };
  x.onerror = x.ontimeout = () => done({ status: 0, body: null, wait: 0 });
  x.send(options.body || null);
  return x;
}

/** 26 random characters, as the house's own keys. */
export function newKey() {
  const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const bytes = new Uint8Array(26);
  const source = window.crypto || window.msCrypto;
  if (!source) return ''; // the page's own key serves
  source.getRandomValues(bytes);
  let out = '';
  for (let i = 0; i < 26; i++) out += letters[bytes[i] & 31];
  return out;
}

export function encode(pairs) {
  return pairs.map((p) => `${encodeURIComponent(p[0])}=${encodeURIComponent(p[1])}`).join('&');
}

/** Whether trying again may help: no network, or the house is busy. */
export const passing = (status) => status === 0 || status === 429 || status >= 500;
