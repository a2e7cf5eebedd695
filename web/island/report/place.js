// Where it is: the own position, a name from the imported list, a tap on the map.
import { clear, el, later } from './dom.js';
import { ask, encode } from './net.js';

/** @param {object} page form, say(), changed() */
export function place(page) {
  const { form, say } = page;
  const field = form.querySelector('[data-place]');
  const part = (name) => form.querySelector(`[name="place.${name}"]`);
  const words = part('words');
  const area = form.querySelector('[name=area]');
  const list = el('ul.suggest', { id: 'place-found', role: 'listbox', 'aria-label': say('found'), hidden: true });
  const where = el('p.where', { role: 'status' });
  const which = el('div', {});
  words.parentNode.insertBefore(list, words.nextSibling);
  field.appendChild(where);
  field.appendChild(which);
  words.setAttribute('autocomplete', 'off');
  words.setAttribute('role', 'combobox');
  words.setAttribute('aria-expanded', 'false');
  words.setAttribute('aria-controls', 'place-found');
  let map = null;
  let asked = 0;
  const county = form.getAttribute('data-county') || '';

  const at = () => (part('lon').value ? [+part('lon').value, +part('lat').value] : null);

  function set(lon, lat, accuracy) {
    part('lon').value = lon;
    part('lat').value = lat;
    part('accuracy').value = accuracy || '';
    part('datum').value = 'WGS-84';
  }

  function found(answer) {
    clear(list);
    list.hidden = !answer.length;
    words.setAttribute('aria-expanded', answer.length ? 'true' : 'false');
    answer.forEach((f, i) => {
      const item = el('li', { role: 'option', id: `place-found-${i}`, tabindex: '-1', 'aria-selected': 'false' }, el('b', {}, f.name), ' ', el('small', {}, (f.within || []).slice(-2).join(' ')));
      item.addEventListener('click', () => choose(f));
      list.appendChild(item);
    });
  }

  function choose(f) {
    found([]);
    words.value = f.name;
    if (f.kind === 'place' && f.point) {
      area.value = '';
      set(f.point.lon, f.point.lat);
    } else {
      set('', '');
      area.value = f.code;
    }
    words.focus();
    settled(f.kind === 'place' ? '' : (f.within || []).slice(-1).concat(f.name).join(' '));
  }

  const look = later(() => {
    const q = words.value.trim();
    const mine = ++asked;
    if (q.length < 2) {
      found([]);
      return;
    }
    ask('GET', `/api/v1/areas?${encode([['q', q], ['under', county], ['limit', '6']])}`, {}, (answer) => {
      if (mine === asked && answer.body && document.activeElement === words) found(answer.body.found || []);
    });
  }, 300);

  words.addEventListener('input', () => {
    look();
    page.changed();
  });
  words.addEventListener('keydown', (e) => {
    const items = [].slice.call(list.children);
    if (!items.length) return;
    let now = items.indexOf(list.querySelector('[aria-selected=true]'));
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      e.preventDefault();
      if (now >= 0) items[now].setAttribute('aria-selected', 'false');
      now = (now + (e.key === 'ArrowDown' ? 1 : items.length - 1) + (now < 0 && e.key === 'ArrowUp' ? 1 : 0)) % items.length;
      items[now].setAttribute('aria-selected', 'true');
      words.setAttribute('aria-activedescendant', items[now].id);
    } else if (e.key === 'Enter' && now >= 0) {
      e.preventDefault();
      items[now].click();
    } else if (e.key === 'Escape') found([]);
  });
  words.addEventListener('blur', () => setTimeout(() => found([]), 250));

  /** Says in which grid the place lies, or asks. */
  function settled(named) {
    clear(which);
    where.textContent = named || '';
    if (map && at()) map.mark(at());
    page.changed();
    page.placed();
    const p = at();
    if (!p) return;
    ask('GET', `/api/v1/locate?${encode([['lon', p[0]], ['lat', p[1]], ['datum', 'WGS-84'], ['uncertainty', part('accuracy').value || 0]])}`, {}, (answer) => {
      const now = at();
      if (!now || now[0] !== p[0] || now[1] !== p[1] || !answer.body) return;
      const near = answer.body.suggestions || [];
      if (answer.body.status === 'inside' && near[0]) {
        where.textContent = say('inside', { name: `${near[0].within} ${near[0].name}` });
        return;
      }
      where.textContent = say(answer.body.status || 'outside');
      const choices = near.filter((n) => n.meters <= Math.max(300, +part('accuracy').value)).slice(0, 4);
      if (answer.body.status === 'outside' || !choices.length) return;
      choices.forEach((n) => which.appendChild(choice(`a:${n.grid}`, `${n.within} ${n.name}`)));
      which.appendChild(choice('', say('unsure'), true));
    });
  }

  const choice = (value, text, checked) => el('label.tick', {}, el('input', { type: 'radio', name: 'place.choice', value, checked, onchange: page.changed }), el('span', {}, text));

  field.addEventListener('linli:located', () => {
    area.value = '';
    settled('');
    if (map && at()) map.show(at());
  });

  const open = form.querySelector('[data-map-open]');
  const box = form.querySelector('[data-map]');
  open.hidden = false;
  open.addEventListener('click', () => {
    const shut = !box.hidden;
    box.hidden = shut;
    open.setAttribute('aria-expanded', shut ? 'false' : 'true');
    if (shut || map) return;
    const canvas = box.querySelector('[data-map-canvas]');
    canvas.textContent = say('map_loading');
    window.linliLoad('map', (ok) => {
      clear(canvas);
      if (!ok) {
        canvas.textContent = say('map_failed');
        return;
      }
      map = window.linliMap.createMap(canvas, {
        under: (area.value || county).slice(0, 12), mark: at(), words: { label: say('map_label'), in: say('map_in'), out: say('map_out'), loading: say('map_loading'), failed: say('map_failed') },
        onReady: (m) => at() && m.show(at()),
        onPick: (p) => {
          area.value = '';
          set(p[0], p[1]);
          settled('');
        },
      });
    });
  });

  return {
    at,
    area: () => area.value,
    set(values) {
      set(values['place.lon'] || '', values['place.lat'] || '', values['place.accuracy']);
      if (at()) settled('');
    },
    clear() {
      set('', '');
      where.textContent = '';
      clear(which);
      found([]);
    },
  };
}
