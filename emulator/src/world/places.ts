import type { Place } from './model.ts';

function place(
  name: string,
  region: string,
  country: string,
  countryCode: string,
  box: readonly [number, number, number, number],
  kind: Place['kind'] = 'city',
): Place {
  const fullName = region === '' ? name : `${name}, ${region}`;
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(`${fullName} ${countryCode}`))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return { id: hash.toString(16).padStart(16, '0'), name, fullName, country, countryCode, kind, box };
}

/** Real places, rough boxes (west, south, east, north). */
export const PLACES: readonly Place[] = [
  place('Manhattan', 'NY', 'United States', 'US', [-74.0267, 40.6839, -73.9105, 40.8776]),
  place('Los Angeles', 'CA', 'United States', 'US', [-118.6682, 33.7046, -118.1553, 34.3373]),
  place('Texas', 'USA', 'United States', 'US', [-106.6456, 25.837, -93.508, 36.5007], 'admin'),
  place('London', 'England', 'United Kingdom', 'GB', [-0.5103, 51.2868, 0.334, 51.6923]),
  place('São Paulo', 'Brazil', 'Brazil', 'BR', [-46.8265, -24.0084, -46.365, -23.3577]),
  place('Rio de Janeiro', 'Brazil', 'Brazil', 'BR', [-43.7954, -23.083, -43.0877, -22.7397]),
  place('東京 渋谷区', '', '日本', 'JP', [139.6613, 35.6416, 139.7237, 35.6925]),
  place('Istanbul', 'Türkiye', 'Türkiye', 'TR', [27.9725, 40.8027, 29.9586, 41.584]),
  place('Jakarta Capital Region', 'Indonesia', 'Indonesia', 'ID', [106.604, -6.3744, 106.9729, -5.1839], 'admin'),
  place('Paris', 'France', 'France', 'FR', [2.2241, 48.8156, 2.4698, 48.9022]),
  place('Madrid', 'Comunidad de Madrid', 'Spain', 'ES', [-3.889, 40.3121, -3.5179, 40.6437]),
  place('Wien', 'Österreich', 'Österreich', 'AT', [16.1819, 48.1179, 16.5775, 48.3231]),
  place('서울', '대한민국', '대한민국', 'KR', [126.7642, 37.4283, 127.1838, 37.7014]),
  place('กรุงเทพมหานคร', 'ประเทศไทย', 'ประเทศไทย', 'TH', [100.3279, 13.4942, 100.9386, 13.9552]),
  place('Mumbai', 'India', 'India', 'IN', [72.7758, 18.892, 72.9864, 19.2716]),
  place('Lagos', 'Nigeria', 'Nigeria', 'NG', [3.0982, 6.3677, 3.6968, 6.7027]),
  place('القاهرة', 'مصر', 'مصر', 'EG', [31.2196, 29.9635, 31.5523, 30.174]),
  place('Buenos Aires', 'Argentina', 'Argentina', 'AR', [-58.5315, -34.7053, -58.3351, -34.5265]),
  place('New Zealand', '', 'New Zealand', 'NZ', [166.4261, -47.29, 178.5771, -34.3928], 'country'),
];
