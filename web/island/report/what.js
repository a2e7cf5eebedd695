// What it is: the class suggested while one writes, never forced; emergency
// numbers; the few questions of a class; the same matter nearby.
import { clear, el, later } from './dom.js';
import { ask, encode } from './net.js';

/** @param {object} page */
export function what(page) {
  const { form, say } = page;
  const words = form.querySelector('[name=words]');
  const box = form.querySelector('[data-class]');
  const danger = form.querySelector('[data-danger]');
  const near = form.querySelector('[data-near]');
  const zh = document.documentElement.lang.slice(0, 2) === 'zh';
  let classes = [];
  let kept = '';
  let asked = 0;

  const chosen = () => {
    const c = box.querySelector('[name=class]:checked');
    return c ? c.value : '';
  };
  const title = (c) => (zh ? c.zh : c.en);

  const look = later(() => {
    const q = words.value.trim();
    const mine = ++asked;
    if (q.length < 2) {
      show([]);
      warn([]);
      return;
    }
    ask('GET', `/api/v1/classes?${encode([['q', q.slice(0, 300)], ['limit', '4']])}`, {}, (answer) => {
      if (mine !== asked || !answer.body) return;
      show(answer.body.classes || []);
      warn(answer.body.emergency || []);
      form.setAttribute('data-suggested', q.length);
    });
  }, 400);

  function show(list) {
    const was = chosen() || kept;
    const mine = classes.filter((c) => c.id === was)[0];
    classes = mine && !list.some((c) => c.id === was) ? [mine].concat(list.slice(0, 3)) : list;
    if (!classes.some((c) => c.parent !== undefined || c.id)) classes = [];
    clear(box);
    box.hidden = !classes.length;
    if (!classes.length) return;
    box.appendChild(el('legend.sub', {}, say('class')));
    const row = el('div.chips');
    classes.forEach((c) => row.appendChild(chip(c.id, title(c), c.id === was)));
    row.appendChild(chip('', say('class_none'), false));
    box.appendChild(row);
    box.appendChild(el('div', { 'data-asks': true }));
    questions();
  }

  const chip = (value, text, checked) => el('label.chip', {}, el('input', { type: 'radio', name: 'class', value, checked, onchange: picked }), el('span', {}, text));

  function picked() {
    kept = chosen();
    [].forEach.call(box.querySelectorAll('.chip'), (c) => c.classList.toggle('on', c.firstChild.checked));
    questions();
    page.changed();
    page.placed();
    const c = classes.filter((k) => k.id === kept)[0];
    if (c && c.emergency) warn(c.emergency);
    if (c && c.complaint_about_unit) page.aboutUnit();
  }

  /** What only this class asks, as one may answer and need not. */
  function questions(values) {
    const box2 = box.querySelector('[data-asks]');
    if (!box2) return;
    const c = classes.filter((k) => k.id === chosen())[0];
    clear(box2);
    ((c && c.ask) || []).forEach((a) => box2.appendChild(el('label.sub', {}, `${zh ? a.zh : a.en} `, el('input', { name: `ask.${a.name}`, type: 'text', maxlength: a.max, oninput: page.changed, value: values ? values[`ask.${a.name}`] : null }))));
  }

  function warn(calls) {
    clear(danger);
    danger.hidden = !calls.length;
    if (!calls.length) return;
    danger.appendChild(el('h2', {}, say('danger')));
    danger.appendChild(el('p', {}, say('danger_text')));
    const row = el('p.acts');
    calls.forEach((n) => row.appendChild(el('a.button.danger', { href: `tel:${n}` }, say(`call_${n}`) || n)));
    danger.appendChild(row);
  }

  words.addEventListener('input', () => {
    look();
    page.changed();
  });

  /** "I have it too": a voice instead of a second report; of this form only its key and the phone go along. */
  const voice = (id) => {
    const f = el('form', { method: 'post', action: `/requests/${encodeURIComponent(id)}/voice` });
    ['key', 'phone'].forEach((name) => {
      const from = form.querySelector(`[name="${name}"]`);
      f.appendChild(el('input', { type: 'hidden', name, value: from ? from.value : '' }));
    });
    document.body.appendChild(f);
    f.submit();
  };

  return {
    chosen,
    /** The same matter nearby: told, not a reason to stop. */
    nearby(at, area) {
      clear(near);
      near.hidden = true;
      const id = chosen();
      if (!id || !at && !area) return;
      const q = [['class', id]].concat(at ? [['lon', at[0]], ['lat', at[1]], ['datum', 'WGS-84']] : [['area', area]]);
      ask('GET', `/api/v1/requests/nearby?${encode(q)}`, {}, (answer) => {
        const list = (answer.body && answer.body.requests) || [];
        if (!list.length || chosen() !== id) return;
        near.hidden = false;
        clear(near);
        near.appendChild(el('h2', {}, say('near')));
        const ul = el('ul');
        const open = form.getAttribute('data-report') === 'public';
        list.slice(0, 4).forEach((s) => {
          const li = el('li', {}, say(s.meters < 0 ? 'near_area' : 'near_line', { class: zh ? s.title.zh : s.title.en, community: s.name || '', meters: s.meters, state: zh ? s.state_text.zh : s.state_text.en, days: s.days }) + (s.people ? ` · ${say('near_people', { n: s.people })}` : ''));
          if (open) {
            const too = el('button', { type: 'button', class: 'button plain' }, say('near_voice'));
            too.addEventListener('click', () => voice(s.case));
            li.appendChild(el('br'));
            li.appendChild(too);
          }
          ul.appendChild(li);
        });
        near.appendChild(el('p', {}, say(open ? 'near_same' : 'near_text')));
        near.appendChild(ul);
      });
    },
    restore(values) {
      kept = values.class || '';
      if (kept) {
        ask('GET', `/api/v1/classes?${encode([['q', values.words || ''], ['limit', '4']])}`, {}, (answer) => {
          show((answer.body && answer.body.classes) || []);
          questions(values);
        });
      } else look();
    },
    clear() {
      kept = '';
      clear(box);
      box.hidden = true;
      warn([]);
      clear(near);
      near.hidden = true;
    },
  };
}
