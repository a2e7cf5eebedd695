// The map of the house: Leaflet without tiles. Grids, communities, roads and
// names come as GeoJSON from the house itself; a source of tiles may lie below.
// Everything that goes in or out is WGS-84 in degrees, [lon, lat].
import { Bounds, CRS, DomEvent, DomUtil, LatLng, Map as LeafletMap, Projection, divIcon, geoJSON, latLngBounds, layerGroup, marker, svg, tileLayer, control, Util } from 'leaflet/dist/leaflet-src.esm.js';
import { fromWGS, toWGS } from './datum.js';

export { fromWGS, toWGS };

const layersPath = '/api/v1/map/layers';
const order = ['grid', 'road', 'community'];

/** The plane on which the tiles are drawn: a shifted datum bends it, so that the
 *  tiles fit and every point that goes in or out stays WGS-84. */
function planeFor(datum) {
  if (datum !== 'GCJ-02') return CRS.EPSG3857;
  const flat = Projection.SphericalMercator;
  return Util.extend({}, CRS.EPSG3857, {
    projection: {
      R: flat.R,
      bounds: flat.bounds,
      project(at) {
        const p = fromWGS(at.lng, at.lat, datum);
        return flat.project(new LatLng(p[1], p[0]));
      },
      unproject(point) {
        const at = flat.unproject(point);
        const p = toWGS(at.lng, at.lat, datum);
        return new LatLng(p[1], p[0]);
      },
    },
  });
}

/**
 * Draws a map into an element.
 * @param {HTMLElement} element
 * @param {{center?: [number, number], zoom?: number, under?: string, layersUrl?: string, onPick?: (at: [number, number]) => void,
 *   mark?: [number, number], tiles?: {url: string, datum: string, credit: string}, words?: Record<string, string>,
 *   gridClass?: (code: string) => string, onGrid?: (code: string) => void, dots?: boolean}} options
 *   dots: round marks stand in the middle of the communities, whose names then stand below them
 *   words: label, in, out, center, loading, failed (what is read aloud and shown)
 * @returns {{map: LeafletMap, mark(at?: [number, number]): void, fit(box: number[]): void, show(at: [number, number], zoom?: number): void,
 *   add(layer: object): void, restyle(): void, group: Function, dot: Function, remove(): void}}
 */
export function createMap(element, options = {}) {
  const words = options.words || {};
  const layersUrl = options.layersUrl || layersPath;
  element.classList.add('linli-map');
  element.setAttribute('role', 'application');
  if (words.label) element.setAttribute('aria-label', words.label);
  const say = note(element);
  say(words.loading || '');
  const state = { map: null, asked: new Map(), tiles: options.tiles, mark: null, shown: null, request: null, features: [], lower: options.dots ? 31 : 0 };
  const api = faceOf(state, element, options, words, say);
  const first = () => {
    begin(state, element, options, words, say, layersUrl);
    api.map = state.map;
    if (options.mark) api.mark(options.mark);
    if (options.onReady) options.onReady(api);
  };
  if (options.center && options.tiles !== undefined) first();
  else {
    fetchJSON(`${layersUrl}?px=${Math.round(element.clientWidth) || 360}${options.under ? `&under=${encodeURIComponent(options.under)}` : ''}`, (answer) => {
      if (!answer) {
        say(words.failed || '');
        return;
      }
      state.tiles = state.tiles || answer.tiles || null;
      state.box = answer.box;
      first();
    });
  }
  return api;
}

/** A line over the map that is read aloud when it changes. */
function note(element) {
  const line = document.createElement('p');
  line.className = 'linli-map-note';
  line.setAttribute('role', 'status');
  element.appendChild(line);
  return (text) => {
    line.textContent = text;
    line.hidden = !text;
  };
}

function begin(state, element, options, words, say, layersUrl) {
  const map = new LeafletMap(element, {
    crs: planeFor(state.tiles ? state.tiles.datum : ''), zoomControl: false, attributionControl: !!state.tiles,
    minZoom: 4, maxZoom: 19, zoomSnap: 0.5, renderer: svg({ padding: 0.3 }), keyboard: true, tap: false,
    maxBounds: latLngBounds([[-10, 60], [65, 150]]), fadeAnimation: false,
    zoomAnimation: !window.matchMedia || !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
  });
  state.map = map;
  control.zoom({ zoomInTitle: words.in || '+', zoomOutTitle: words.out || '−', zoomInText: '+', zoomOutText: '−' }).addTo(map);
  control.scale({ imperial: false }).addTo(map);
  if (state.tiles) {
    map.attributionControl.setPrefix(false);
    const credit = document.createElement('span'); // what the operator wrote is text, never markup
    credit.textContent = state.tiles.credit;
    tileLayer(state.tiles.url, { attribution: credit.innerHTML, maxZoom: 19, crossOrigin: false }).addTo(map);
  }
  order.forEach((name, i) => {
    const pane = map.createPane(`linli-${name}`);
    pane.style.zIndex = 400 + i;
  });
  const names = map.createPane('linli-names', map.getPane('mapPane'));
  names.style.zIndex = 560;
  names.classList.add('leaflet-zoom-hide', 'linli-names');
  names.setAttribute('aria-hidden', 'true');
  state.layers = layerGroup().addTo(map);
  if (options.center) map.setView([options.center[1], options.center[0]], options.zoom || 16);
  else fitBox(map, state.box);
  const load = () => ask(state, layersUrl, say, words, options);
  map.on('moveend', load);
  map.on('zoomend moveend resize', () => label(state));
  if (options.onPick) picking(state, element, options, words);
  load();
}

const fitBox = (map, b) => map.fitBounds([[b[1], b[0]], [b[3], b[2]]], { padding: [4, 4] });

function picking(state, element, options) {
  const cross = document.createElement('span');
  cross.className = 'linli-map-cross';
  cross.setAttribute('aria-hidden', 'true');
  element.appendChild(cross);
  const pick = (at) => options.onPick([+at.lng.toFixed(6), +at.lat.toFixed(6)]);
  state.map.on('click', (e) => pick(e.latlng));
  DomEvent.on(element, 'keydown', (e) => {
    if ((e.key === 'Enter' || e.key === ' ' || e.keyCode === 13) && e.target === element) {
      DomEvent.stop(e);
      pick(state.map.getCenter());
    }
  });
}

function faceOf(state, element, options, words, say) {
  return {
    map: null,
    /** Marks a point, or takes the mark away. */
    mark(at) {
      if (state.mark) state.mark.remove();
      state.mark = at && state.map ? marker([at[1], at[0]], { icon: divIcon({ className: 'linli-mark', iconSize: [32, 40], iconAnchor: [16, 38], html: pin() }), interactive: false, keyboard: false }).addTo(state.map) : null;
    },
    fit(box) {
      if (state.map) fitBox(state.map, box);
    },
    show(at, zoom) {
      if (state.map) state.map.setView([at[1], at[0]], zoom || Math.max(state.map.getZoom(), 16));
    },
    /** Draws the grids' classes anew, where gridClass answers differently. */
    restyle() {
      if (state.map) draw(state, options);
    },
    /** The point in the middle. */
    center() {
      const c = state.map.getCenter();
      return [c.lng, c.lat];
    },
    group: () => layerGroup().addTo(state.map),
    /** A round mark with a number, as one cluster or case: a real button. */
    dot(at, text, title, className, onClick) {
      const inner = document.createElement('span');
      inner.textContent = text;
      const m = marker([at[1], at[0]], { icon: divIcon({ className: `linli-dot ${className || ''}`, iconSize: [32, 32], html: inner }), title, alt: title, keyboard: !!onClick, interactive: !!onClick });
      if (onClick) m.on('click', onClick);
      return m;
    },
    say,
    element,
    remove() {
      if (state.request) state.request.abort();
      if (state.map) state.map.remove();
    },
  };
}

function pin() {
  const ns = 'http://www.w3.org/2000/svg';
  const box = document.createElementNS(ns, 'svg');
  box.setAttribute('viewBox', '0 0 32 40');
  box.setAttribute('width', '32');
  box.setAttribute('height', '40');
  const drop = document.createElementNS(ns, 'path');
  drop.setAttribute('d', 'M16 39C10 29 3 23 3 15a13 13 0 0 1 26 0c0 8-7 14-13 24z');
  const eye = document.createElementNS(ns, 'circle');
  eye.setAttribute('cx', '16');
  eye.setAttribute('cy', '15');
  eye.setAttribute('r', '5');
  box.appendChild(drop);
  box.appendChild(eye);
  return box;
}

/** Asks for what the view shows and a margin around it, once. */
function ask(state, layersUrl, say, words, options) {
  const { map } = state;
  const view = map.getBounds();
  if (state.shown && state.shown.zoom === Math.round(map.getZoom()) && state.shown.box.contains(view)) return;
  const wide = view.pad(0.4);
  // on a raster of an eighth of the view, so that going back asks for the same
  const step = Math.max((view.getEast() - view.getWest()) / 8, 1e-5);
  const fix = (n, up) => +((up ? Math.ceil(n / step) : Math.floor(n / step)) * step).toFixed(5);
  const box = [fix(wide.getWest()), fix(wide.getSouth()), fix(wide.getEast(), true), fix(wide.getNorth(), true)];
  const pixels = Math.min(4000, Math.round(map.getSize().x * (box[2] - box[0]) / (view.getEast() - view.getWest())));
  const key = `${layersUrl}?bbox=${box.join(',')}&px=${pixels}`;
  const zoom = Math.round(map.getZoom());
  const use = (answer) => {
    state.shown = { zoom, box: latLngBounds([[box[1], box[0]], [box[3], box[2]]]) };
    state.features = answer.features;
    say('');
    draw(state, options);
    label(state);
  };
  if (state.asked.has(key)) {
    use(state.asked.get(key));
    return;
  }
  if (state.request) state.request.abort();
  state.request = fetchJSON(key, (answer) => {
    state.request = null;
    if (!answer) {
      say(words.failed || '');
      return;
    }
    if (state.asked.size > 20) state.asked.clear();
    state.asked.set(key, answer);
    use(answer);
  });
}

function fetchJSON(address, done) {
  const x = new XMLHttpRequest();
  x.open('GET', address);
  x.setRequestHeader('Accept', 'application/json');
  x.onload = () => {
    let answer = null;
    try {
      answer = x.status === 200 ? JSON.parse(x.responseText) : null;
    } catch (e) {
      answer = null;
    }
    done(answer);
  };
  x.onerror = () => done(null);
  x.send();
  return x;
}

function draw(state, options) {
  state.layers.clearLayers();
  for (const layer of order) {
    const features = state.features.filter((f) => f.properties.layer === layer);
    if (!features.length) continue;
    geoJSON({ type: 'FeatureCollection', features }, {
      pane: `linli-${layer}`,
      style: (f) => ({ className: classOf(f.properties, options), interactive: layer === 'grid' && !!options.onGrid, weight: 1, smoothFactor: 0.5, stroke: true, fill: layer === 'grid' }),
      interactive: layer === 'grid' && !!options.onGrid,
      onEachFeature: (f, l) => {
        if (layer === 'grid' && options.onGrid) l.on('click', () => options.onGrid(f.properties.code));
      },
    }).addTo(state.layers);
  }
}

function classOf(p, options) {
  if (p.layer === 'road') return `linli-road ${p.class || ''}`;
  if (p.layer === 'community') return 'linli-community';
  let n = 0;
  for (let i = 0; i < p.code.length; i++) n = (n * 7 + p.code.charCodeAt(i)) % 5003;
  return `linli-grid tone-${n % 5} ${options.gridClass ? options.gridClass(p.code) || '' : ''}`;
}

/** Puts up the names that find room: communities first, then places, grids, roads. */
function label(state) {
  const { map } = state;
  const pane = map.getPane('linli-names');
  while (pane.firstChild) pane.removeChild(pane.firstChild);
  const size = map.getSize();
  const taken = [];
  const rank = { community: 0, place: 1, grid: 2, road: 3 };
  const wanted = state.features.filter((f) => f.properties.name).map((f) => ({ f, at: anchor(f, map, size) })).filter((w) => w.at);
  wanted.sort((a, b) => rank[a.f.properties.layer] - rank[b.f.properties.layer]);
  for (const { f, at } of wanted) {
    const { layer, name } = f.properties;
    const px = layer === 'community' ? 15 : 12;
    if (layer === 'community' && state.lower) {
      taken.push(new Bounds([at.x - 18, at.y - 18], [at.x + 18, at.y + 18]));
      at.y += state.lower;
    }
    const width = widthOf(name) * px + (layer === 'place' ? 14 : 6);
    const room = new Bounds([at.x - (layer === 'place' ? 6 : width / 2), at.y - px * 0.75], [at.x + (layer === 'place' ? width : width / 2), at.y + px * 0.75]);
    if (layer === 'grid' && width > across(f, map)) continue;
    if (taken.some((t) => t.intersects(room))) continue;
    taken.push(room);
    const e = document.createElement('span');
    e.className = `linli-name ${layer} ${f.properties.class || ''}`;
    e.textContent = name; // a name is text, whatever stands in it
    pane.appendChild(e);
    DomUtil.setPosition(e, map.containerPointToLayerPoint(at).round());
  }
}

/** Where a feature's name stands, in pixels of the view; null outside it. */
function anchor(f, map, size) {
  const p = f.properties;
  let at = p.at || (f.geometry.type === 'Point' ? f.geometry.coordinates : null);
  if (p.layer === 'road') at = middle(f.geometry.coordinates, map, size);
  if (!at) return null;
  const px = at.x !== undefined ? at : map.latLngToContainerPoint([at[1], at[0]]);
  return px.x > 0 && px.y > 0 && px.x < size.x && px.y < size.y ? px : null;
}

/** The middle of the longest piece of a road that is seen. */
function middle(lines, map, size) {
  let best = null;
  let length = 40;
  for (const line of lines) {
    let last = null;
    for (const c of line) {
      const p = map.latLngToContainerPoint([c[1], c[0]]);
      if (last) {
        const x = [clamp(last.x, size.x), clamp(p.x, size.x)];
        const y = [clamp(last.y, size.y), clamp(p.y, size.y)];
        const d = Math.sqrt((x[1] - x[0]) ** 2 + (y[1] - y[0]) ** 2);
        if (d > length) {
          length = d;
          best = { x: (last.x + p.x) / 2, y: (last.y + p.y) / 2 };
          if (best.x < 0 || best.x > size.x || best.y < 0 || best.y > size.y) best = { x: (x[0] + x[1]) / 2, y: (y[0] + y[1]) / 2 };
        }
      }
      last = p;
    }
  }
  return best;
}

const clamp = (n, most) => Math.max(0, Math.min(most, n));

function across(f, map) {
  let west = Infinity;
  let east = -Infinity;
  for (const c of f.geometry.coordinates[0][0]) {
    west = Math.min(west, c[0]);
    east = Math.max(east, c[0]);
  }
  const lat = f.geometry.coordinates[0][0][0][1];
  return map.latLngToContainerPoint([lat, east]).x - map.latLngToContainerPoint([lat, west]).x;
}

/** Width of a text in letters: Chinese letters are square, others half as wide. */
function widthOf(text) {
  let n = 0;
  for (let i = 0; i < text.length; i++) n += text.charCodeAt(i) < 0x2e80 ? 0.58 : 1;
  return n;
}
