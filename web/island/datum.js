// The shift between WGS-84 and GCJ-02, as in internal/kit/geo: tiles drawn in
// GCJ-02 are put where they belong, everything else of the map is WGS-84.
const A = 6378245;
const E2 = 0.00669342162296594323;
const { PI, sin, cos, sqrt, abs } = Math;

const inChina = (lon, lat) => lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;

function shift(lon, lat) {
  if (!inChina(lon, lat)) return [lon, lat];
  const x = lon - 105;
  const y = lat - 35;
  const common = (20 * sin(6 * x * PI) + 20 * sin(2 * x * PI)) * 2 / 3;
  const root = sqrt(abs(x));
  let dLat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    + (20 * sin(y * PI) + 40 * sin(y / 3 * PI)) * 2 / 3 + (160 * sin(y / 12 * PI) + 320 * sin(y * PI / 30)) * 2 / 3;
  let dLon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    + (20 * sin(x * PI) + 40 * sin(x / 3 * PI)) * 2 / 3 + (150 * sin(x / 12 * PI) + 300 * sin(x / 30 * PI)) * 2 / 3;
  const phi = lat * PI / 180;
  const w2 = 1 - E2 * sin(phi) * sin(phi);
  dLat = dLat * w2 * sqrt(w2) / (A * (1 - E2)) * 180 / PI;
  dLon = dLon * sqrt(w2) / (A * cos(phi)) * 180 / PI;
  return [lon + dLon, lat + dLat];
}

/** States a WGS-84 point in a datum: [lon, lat]. */
export function fromWGS(lon, lat, datum) {
  return datum === 'GCJ-02' ? shift(lon, lat) : [lon, lat];
}

/** Brings a point stated in a datum into WGS-84: [lon, lat]. */
export function toWGS(lon, lat, datum) {
  if (datum !== 'GCJ-02') return [lon, lat];
  let p = [lon, lat];
  for (let n = 0; n < 30; n++) {
    const at = shift(p[0], p[1]);
    p = [p[0] + lon - at[0], p[1] + lat - at[1]];
  }
  return p;
}
