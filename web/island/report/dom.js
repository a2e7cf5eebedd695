// Small pieces of a page, made of text and elements only.

/** el('p.help', {attr: 'value'}, child…) */
export function el(kind, attributes, ...children) {
  const [tag, ...classes] = kind.split('.');
  const e = document.createElement(tag);
  if (classes.length) e.className = classes.join(' ');
  Object.keys(attributes || {}).forEach((name) => {
    const v = attributes[name];
    if (name.slice(0, 2) === 'on') e.addEventListener(name.slice(2), v);
    else if (v === true) e.setAttribute(name, '');
    else if (v !== false && v !== null && v !== undefined) e.setAttribute(name, v);
  });
  children.forEach((c) => {
    if (c) e.appendChild(typeof c === 'string' ? document.createTextNode(c) : c);
  });
  return e;
}

export function clear(e) {
  while (e.firstChild) e.removeChild(e.firstChild);
  return e;
}

export const button = (text, onclick, kind = 'button.button.plain') => el(kind, { type: 'button', onclick }, text);

/** Calls fn a moment after the last call. */
export function later(fn, ms) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => fn(...args), ms);
  };
}
