/** What one may choose of, by name. The names are the browser's. */

type Option = { value: string; label: string };

/** The languages that the platform tells apart. */
const languageCodes =
  'am ar hy eu bn bs bg my hr ca cs da nl en et fi fr ka de el gu ht iw hi hu is in it ja kn km ko lo lv lt ml dv mr ne no or pa ps fa pl pt ro ru sr zh sd si sk sl ckb es sv tl ta te th tr uk ur ug vi cy';
/** Codes of old that the platform still writes. */
const todayOf: Record<string, string> = { iw: 'he', in: 'id' };

const countryCodes =
  'AF AL DZ AD AO AR AM AU AT AZ BS BH BD BB BY BE BZ BJ BT BO BA BW BR BN BG BF BI KH CM CA CV CF TD CL CN CO KM CG CD CR CI HR CU CY CZ DK DJ DO EC EG SV GQ ER EE SZ ET FJ FI FR GA GM GE DE GH GR GT GN GW GY HT HN HK HU IS IN ID IR IQ IE IL IT JM JP JO KZ KE KW KG LA LV LB LS LR LY LI LT LU MG MW MY MV ML MT MR MU MX MD MC MN ME MA MZ MM NA NP NL NZ NI NE NG KP MK NO OM PK PA PG PY PE PH PL PT PR QA RO RU RW SA SN RS SC SL SG SK SI SO ZA KR SS ES LK SD SR SE CH SY TW TJ TZ TH TL TG TT TN TR TM UG UA AE GB US UY UZ VU VE VN YE ZM ZW';

export function languages(): Option[] {
  return named('language', languageCodes.split(' '));
}

export function countries(): Option[] {
  return named('region', countryCodes.split(' '));
}

function named(type: 'language' | 'region', codes: readonly string[]): Option[] {
  const names = new Intl.DisplayNames('en', { type });
  return codes
    .map((value) => ({ value, label: names.of(todayOf[value] ?? value) ?? value }))
    .toSorted((a, b) => a.label.localeCompare(b.label, 'en'));
}
