// 11. The report on one page, on an old phone, without a network, by voice; the
// map; the rating in two taps; what it all costs.
import { Effort } from '../lib/effort.mjs';
import { photo } from '../lib/picture.mjs';
import { begun, receipt, report } from '../lib/resident.mjs';
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';

const { visit, staff } = stage();
const send = (v) => v.page.getByRole('button', { name: '提交', exact: true }).click();
const picture = (name, w = 640, h = 480, shade = 0) => ({ name, mimeType: 'image/png', buffer: photo(w, h, shade) });

/** Asks the page until it says yes; waitForFunction does not wait for promises. */
async function until(v, ask) {
  const end = Date.now() + 30_000;
  while (!(await v.page.evaluate(ask))) assert.ok(Date.now() < end, `it never came: ${ask}`);
}

/** A second of silence as a recorder writes it. */
function wav(seconds = 1) {
  const data = Buffer.alloc(8000 * seconds, 128);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(8000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

test('four fields, one page, a few taps', async () => {
  const v = await visit({ size: phone });
  const effort = await Effort.watch(v, 'report 反映');
  await v.go('/report');
  await begun(v);
  effort.start();
  const form = v.page.locator('form.report');
  assert.deepEqual(await effort.offered(form), ['words', 'place', 'photos', 'phone'], 'four fields');
  await form.locator('[name=words]').fill('人民公园门口路灯不亮');
  await form.locator('.chip').first().click();
  await form.locator('[name="place.words"]').fill('人民公园');
  await v.page.locator('#place-found li').first().click();
  await v.page.locator('p.where').filter({ hasText: '清河社区' }).waitFor();
  await v.look();
  await v.leads(() => send(v));
  await receipt(v);
  assert.ok(effort.taps <= 4, `${effort.taps} taps`);
  assert.equal(effort.pages, 2, 'the page and its receipt');
  effort.pages = 1; // the receipt is the answer
  await effort.tell();
  await v.close();
});

test('the page weighs little and paints early on a slow phone', async () => {
  const v = await visit({ size: phone });
  const cdp = await v.context.newCDPSession(v.page);
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 300, downloadThroughput: 700 * 1024 / 8, uploadThroughput: 700 * 1024 / 8 });
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 6 });
  let bytes = 0;
  const parts = [];
  const names = new Map();
  cdp.on('Network.responseReceived', (e) => names.set(e.requestId, new URL(e.response.url).pathname));
  cdp.on('Network.loadingFinished', (e) => {
    bytes += e.encodedDataLength;
    parts.push(`${names.get(e.requestId)} ${e.encodedDataLength}`);
  });
  await v.page.goto('/report', { waitUntil: 'networkidle' });
  await begun(v);
  await until(v, () => performance.getEntriesByName('first-contentful-paint').length > 0);
  const paint = await v.page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0);
  console.log(`report page: ${bytes} bytes before the first tap (${parts.join(', ')}); first contentful paint ${Math.round(paint)} ms at 700 kbit/s, 300 ms, CPU/6`);
  assert.ok(bytes < 60_000, `${bytes} bytes before the first tap`);
  assert.ok(!parts.some((p) => p.includes('built/map')), 'the map waits for its tap');
  await cdp.detach();
  await v.close();
});

test('a voice note and photos: shown, sent ahead, heard by the handler only', async () => {
  const v = await visit({ size: phone });
  await v.go('/report');
  await begun(v);
  const form = v.page.locator('form.report');
  await v.page.evaluate(() => { document.querySelector('[data-voice-file]').hidden = false; });
  await form.locator('[name=recording]').setInputFiles({ name: '录音.wav', mimeType: 'audio/wav', buffer: wav() });
  await form.locator('[name=photos]').setInputFiles([picture('a.png', 2400, 1200), picture('b.png', 300, 400, 90), { name: 'IMG_7.HEIC', mimeType: 'image/heic', buffer: Buffer.from('00000018667479706865696300000000', 'hex') }, { name: '空.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(0) }]);
  await v.page.locator('[data-wrong]').filter({ hasText: '空.jpg' }).waitFor();
  await form.locator('[data-shelf] .state', { hasText: '已上传' }).nth(2).waitFor();
  assert.equal(await form.locator('[data-shelf] img').count(), 2);
  await form.getByRole('button', { name: '不要照片 2' }).click();
  assert.equal(await form.locator('[data-shelf] img').count(), 1);
  await v.leads(() => send(v)); // no words: the voice says it
  const got = await receipt(v);
  await v.reads('您的语音');
  await v.go(got.link);
  assert.equal(await v.page.locator('audio').count(), 1, 'the reporter hears the own note');
  const sound = await v.page.locator('audio').getAttribute('src');
  const stranger = await visit();
  await stranger.go(sound, 404);
  await stranger.close();
  const dispatcher = await staff('dispatch1', { size: desktop });
  await dispatcher.go(`/cases/${got.number}`);
  const heard = dispatcher.page.locator('main audio').first();
  await heard.evaluate((e) => new Promise((resolve, reject) => {
    e.addEventListener('loadedmetadata', resolve, { once: true });
    e.addEventListener('error', () => reject(new Error('it does not play')), { once: true });
    e.preload = 'metadata';
    e.load();
  }));
  assert.ok(Math.abs((await heard.evaluate((e) => e.duration)) - 1) < 0.1, 'one second');
  await dispatcher.close();
  await v.close();
});

for (const [how, reduce] of Object.entries({
  'with storage': () => {},
  'on an old web view': () => {
    delete window.fetch;
    Object.defineProperty(window, 'indexedDB', { value: undefined });
    delete window.MediaRecorder;
    delete window.IntersectionObserver;
    Object.defineProperty(Navigator.prototype, 'serviceWorker', { value: undefined });
    Object.defineProperty(Navigator.prototype, 'mediaDevices', { value: undefined });
  },
})) {
  test(`the network goes, the phone is closed, it is sent once when it is back: ${how}`, async () => {
    const v = await visit({ size: phone });
    await v.page.addInitScript(reduce);
    await v.go('/report');
    await begun(v);
    const words = `柳园小区南门井盖翘起 ${how}`;
    await v.page.locator('[name=words]').fill(words);
    await v.page.locator('[data-suggested]').waitFor({ state: 'attached' });
    await v.context.setOffline(true);
    v.errors.length = 0;
    await v.page.locator('[name=photos]').setInputFiles([picture('a.png')]);
    await v.page.locator('[data-shelf] .state', { hasText: '没传上去' }).waitFor();
    await send(v);
    await v.page.locator('[data-out]').filter({ hasText: '已保存在手机上，有网络时自动发送' }).waitFor();
    if (how === 'with storage') await v.shot('report-queued-phone', { most: 1500 });
    // killed: another page of the same phone finds it
    await v.page.close();
    await v.context.setOffline(false);
    const numbers = new Set();
    v.page = await v.context.newPage();
    await v.page.addInitScript(reduce);
    v.page.on('response', async (r) => {
      if (r.request().method() === 'POST' && new URL(r.url()).pathname === '/report' && r.headers()['content-type']?.includes('json')) numbers.add((await r.json()).number);
    });
    v.errors.length = 0;
    await v.page.goto('/report');
    await v.page.locator('[data-out]').filter({ hasText: '已经收到' }).waitFor();
    await v.leads(() => v.page.getByRole('button', { name: '看回执' }).click());
    const got = await receipt(v);
    await v.reads('1 张照片');
    assert.deepEqual([...numbers], [got.number], 'sent once, and the receipt is of that one');
    await v.page.goto('/report');
    await begun(v);
    assert.equal(await v.page.locator('[data-out] .notice').count(), 0, 'nothing is left to send');
    await v.close();
  });
}

test('what was written is still there after the page was closed, and the phone number is not', async () => {
  const v = await visit({ size: phone });
  await v.go('/report');
  await begun(v);
  await v.page.locator('[name=words]').fill('还没写完的一件事');
  await v.page.locator('[name=phone]').fill('13800004444');
  await until(v, () => new Promise((resolve) => {
    const r = indexedDB.open('linli-report', 1);
    r.onsuccess = () => {
      const all = r.result.transaction('item').objectStore('item').getAll();
      all.onsuccess = () => { r.result.close(); resolve(all.result.length === 1); };
    };
  }));
  await v.go('/report');
  await begun(v);
  await v.page.getByText('上次没写完的内容还在').waitFor();
  assert.equal(await v.page.locator('[name=words]').inputValue(), '还没写完的一件事');
  assert.equal(await v.page.locator('[name=phone]').inputValue(), '');
  await v.page.getByRole('button', { name: '清空' }).click();
  await v.go('/report');
  await begun(v);
  assert.equal(await v.page.locator('[name=words]').inputValue(), '');
  await v.close();
});

test('the page opens without a network once it was used', async () => {
  const v = await visit({ size: phone });
  await v.go('/report');
  await begun(v);
  await v.page.locator('[name=words]').fill('离线');
  await until(v, () => caches.keys().then((n) => Promise.all([caches.match('/report'), caches.match(document.querySelector('script[src*="built/report"]').src)])).then((r) => !!r[0] && !!r[1]));
  await v.context.setOffline(true);
  await v.page.goto('/report');
  await begun(v);
  assert.ok(await v.page.getByRole('button', { name: '提交', exact: true }).isVisible(), 'the island is there as well');
  await v.context.setOffline(false);
  await v.close();
});

for (const size of [phone, desktop]) {
  test(`a place by the map, with the finger and by keys (${size.viewport.width}px)`, async () => {
    const v = await visit({ size });
    const refused = [];
    v.page.on('console', (m) => m.text().includes('Content Security Policy') && refused.push(m.text()));
    await v.go('/report');
    await begun(v);
    await v.page.locator('[name=words]').fill('路边树枝断了');
    await v.page.locator('[data-map-open]').click();
    const map = v.page.locator('[data-map-canvas] .leaflet-container, [data-map-canvas].leaflet-container').first();
    await v.page.locator('.linli-name', { hasText: '居委会' }).first().waitFor({ state: 'attached' });
    await v.shot(`map-${size === phone ? 'phone' : 'desktop'}`, { most: 2000 });
    await v.look();
    const box = await map.boundingBox();
    await map.click({ position: { x: box.width * 0.4, y: box.height * 0.45 } });
    await v.page.locator('p.where').filter({ hasText: /在.*第\d网格/ }).waitFor();
    const first = await v.page.locator('[name="place.lon"]').inputValue();
    await map.focus();
    await v.page.keyboard.press('+');
    await v.page.keyboard.press('ArrowRight');
    await v.page.keyboard.press('Enter');
    await v.page.waitForFunction((was) => document.querySelector('[name="place.lon"]').value !== was, first);
    assert.deepEqual(refused, [], 'the policy refuses nothing');
    await v.leads(() => send(v));
    await receipt(v);
    await v.close();
  });
}

test('the own position finds the grid', async () => {
  const v = await visit({ size: phone });
  await v.context.grantPermissions(['geolocation']);
  await v.context.setGeolocation({ latitude: 34.3345, longitude: 118.2152, accuracy: 12 });
  await v.go('/report');
  await begun(v);
  await v.page.locator('[data-locate]').click();
  await v.page.locator('p.where').filter({ hasText: '在清河社区居委会 第2网格' }).waitFor();
  await v.close();
});

test('tiles in GCJ-02 are put where they belong', async () => {
  const v = await visit();
  await v.go('/report');
  await begun(v);
  const got = await v.page.evaluate(async (map) => {
    await new Promise((resolve) => { const s = document.createElement('script'); s.src = map; s.onload = resolve; document.head.appendChild(s); });
    const out = [];
    for (const at of [[118.2155, 34.3342], [104.0657, 30.6595], [87.6168, 43.8256], [114.1694, 22.3193]]) {
      const shifted = window.linliMap.fromWGS(at[0], at[1], 'GCJ-02');
      const back = window.linliMap.toWGS(shifted[0], shifted[1], 'GCJ-02');
      const house = await (await fetch(`/api/v1/locate?lon=${shifted[0]}&lat=${shifted[1]}&datum=GCJ-02`)).json();
      out.push([at, back, [house.point.lon, house.point.lat]]);
    }
    return out;
  }, await v.page.locator('[data-island-map]').getAttribute('data-island-map'));
  for (const [at, back, house] of got) {
    for (const i of [0, 1]) {
      assert.ok(Math.abs(back[i] - at[i]) < 1e-7, `${back} is not ${at}`);
      assert.ok(Math.abs(house[i] - at[i]) < 2e-7, `the house says ${house}, the map ${at}`);
    }
  }
  await v.close();
});

for (const script of [true, false]) {
  test(`rated in two taps, ${script ? 'with' : 'without'} script`, async () => {
    const v = await visit({ size: phone, script });
    const got = await report(v, { words: '路灯不亮，等着评价', place: '人民公园' });
    const page = `/cases/${got.number}`;
    for (const [who, act, values] of [['dispatch1', 'dispatch', {}], ['h-lighting', 'accept', {}], ['h-lighting', 'answer', { answer: '灯已修好' }], ['verify1', 'check_done', { finding: '亮了' }]]) {
      const s = await staff(who, { size: desktop });
      await s.go(page);
      await s.act(act, values);
      await s.close();
    }
    const effort = script ? await Effort.watch(v, 'rate 评价') : null;
    await v.go(got.link);
    await v.reads('请您评价');
    if (script) await v.shot('follow-rate-phone', { most: 2000 });
    if (effort) {
      effort.start();
      await effort.offered(v.page.locator('#do-rate'));
    }
    await v.page.locator('#do-rate label', { hasText: /^解决了/ }).click();
    await v.leads(() => v.page.locator('#do-rate button[value=satisfied]').click());
    await v.reads('已办结');
    if (effort) {
      assert.equal(effort.taps, 2, 'two taps');
      effort.pages = 1;
      effort.fields = 2; // solved, satisfied
      await effort.tell();
    }
    await v.close();
  });
}
