// The map, for every page that opens one: window.linliMap.createMap.
import { createMap, toWGS, fromWGS } from '../map.js';
import '../map.css';

window.linliMap = { createMap, toWGS, fromWGS };
