/** A language that people of the world write in. `words` are common first; `spaced` is false where words are not set apart. */
export interface Language {
  readonly code: string;
  readonly share: number;
  readonly spaced: boolean;
  readonly words: readonly string[];
  /** The words that can be hashtags. */
  readonly tags: readonly string[];
}

function language(code: string, share: number, list: string, spaced = true): Language {
  const words = list === '' ? [] : list.split(' ');
  return { code, share, spaced, words, tags: words.filter((word) => !/['’]/.test(word)) };
}

/** Shares are near those seen in samples of 2022; they need not add up to 1. The two without words write emoji or links. */
export const LANGUAGES: readonly [Language, ...Language[]] = [
  language(
    'en',
    0.33,
    "the to and a of i in is you for on it that this my with be me so just not have are like all but what your at was do they its we get if when out can no people one love day now up about from will new how know good time go want he she them who make see think got today need really never going back because more would still right here life has an by there our too some than only even then over also us been him why did off after way first last best could any much should thank happy please game world year man work live every same keep look great always something don't can't it's i'm you're morning night home music team video friends school coffee rain birds weather train election football season",
  ),
  language(
    'ja',
    0.19,
    'の に は を た が で て と し れ さ ある いる も する から な こと として い や など なっ ない この ため その あっ よう また もの という あり まで られ なる へ か だ これ によって により おり より による ず なり られる において ば なかっ なく しかし について せ だっ その後 できる それ 今日 明日 昨日 ありがとう おはよう おやすみ 好き 楽しい 嬉しい 眠い お腹すいた 最高 かわいい 写真 動画 配信 ゲーム 仕事 学校 電車 雨 天気 猫 犬 鳥 推し 応援 新刊 予約 開始 お願いします フォロー リツイート キャンペーン 当たる 本当に すごい',
    false,
  ),
  language(
    'es',
    0.08,
    'de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha me si sin sobre este ya entre cuando todo esta ser son dos también fue había era muy años hasta desde está mi porque qué sólo han yo hay vez puede todos así nos ni parte tiene él uno donde bien tiempo mismo ese ahora cada vida otro después gracias mañana corazón niño señor fútbol',
  ),
  language(
    'pt',
    0.07,
    'de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das tem à seu sua ou ser quando muito há nos já está eu também só pelo pela até isso ela entre era depois sem mesmo aos ter seus quem nas me esse eles estão você tinha foram essa num nem suas meu às minha têm amanhã coração saudade gente hoje obrigado',
  ),
  language(
    'ar',
    0.06,
    'في من على أن إلى التي الذي هذا هذه عن مع كان قد ما لا كل بعد بين اليوم الله يا رب الحمد لله صباح الخير مساء النور الناس الحياة القلب حب أنا أنت هو هي نحن كيف متى أين لماذا جميل شكرا السعودية مصر الهلال النصر الاتحاد مباراة فوز لاعب خبر عاجل',
  ),
  language(
    'tr',
    0.05,
    've bir bu da de için çok ne ile ben daha var gibi sen mi o ama en kadar olarak değil her sonra ki şey diye yok bana olan zaman güzel iyi gün bugün yarın günaydın teşekkürler hayat insan aşk istanbul galatasaray fenerbahçe beşiktaş maç öğrenci şimdi',
  ),
  language(
    'ko',
    0.035,
    '이 그 저 것 수 나 너 우리 오늘 내일 정말 너무 진짜 좋아 사랑해 감사합니다 안녕하세요 축하해 생일 사진 영상 방송 무대 노래 친구 학교 집 밥 커피 비 날씨 주말 새벽 아침 밤 행복 응원 투표 콘서트 앨범',
  ),
  language(
    'th',
    0.03,
    'ที่ และ ใน ของ มี ไม่ เป็น ให้ ได้ จะ มา ไป ก็ แล้ว คน เรา นี้ วันนี้ พรุ่งนี้ รัก คิดถึง ขอบคุณ น่ารัก มาก จริง กิน ข้าว ฝน ร้อน เพลง ดู หนัง รูป สวย ดี ใจ',
    false,
  ),
  language(
    'in',
    0.03,
    'yang dan di ini itu aku kamu ada tidak ga gak mau bisa lagi sama udah juga kalau buat dari ke apa siapa banget hari pagi malam selamat terima kasih cinta hujan makan kopi kerja teman rumah jangan',
  ),
  language(
    'fr',
    0.025,
    "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec ils ou elle être cette mais même aussi leur bien très fait tout ça c'est j'ai été où déjà français élève garçon demain merci",
  ),
  language('und', 0.03, ''),
  language('qme', 0.01, ''),
  language(
    'hi',
    0.02,
    'है के में की और से का को यह वह पर भी नहीं हैं तो ही कर एक हो जय भारत आज कल दिन रात प्यार धन्यवाद शुभ सुबह लोग देश सरकार क्या क्यों कैसे',
  ),
  language(
    'ru',
    0.015,
    'и в не на я что он с это как а по но они мы ты из за то все так его же бы мне было вот от меня ещё нет о ему теперь когда даже если уже или сегодня завтра спасибо доброе утро люди жизнь любовь',
  ),
  language(
    'de',
    0.015,
    'der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über so zum war haben nur oder aber vor zur bis mehr durch man sein schön Straße Grüße heute morgen',
  ),
  language(
    'fa',
    0.01,
    'و در به از که این را با است برای آن یک خود تا کرد بر هم نیز ما من تو او امروز فردا سلام ممنون زندگی ایران',
  ),
  language(
    'he',
    0.005,
    'של את על לא זה הוא היא אני אתה כל עם מה יש גם אבל או כי היום מחר בוקר טוב לילה תודה ישראל חיים אהבה',
  ),
  language(
    'zh',
    0.01,
    '的 一 是 不 了 人 我 在 有 他 这 中 大 来 上 国 个 到 说 们 为 子 和 你 地 出 道 也 时 年 今天 明天 谢谢 喜欢 朋友 天气 学校 中国 台灣 香港',
    false,
  ),
  language(
    'it',
    0.01,
    'di e il la che in a per un è non sono del con si da i le una mi ma più anche come se ci ho al tutto bene grazie oggi domani buongiorno perché così città vita amore calcio sempre mai già',
  ),
  language(
    'pl',
    0.008,
    'w i na z się do nie to że jest a o jak ale po co za od tak już dla tym są czy mnie być może dzień dobry dziękuję dziś jutro życie miłość łódź święta który też bardzo źle',
  ),
  language(
    'nl',
    0.006,
    'de het een van en in is dat op te zijn met voor niet aan er om ook als maar dan nog bij uit wel goed vandaag morgen dank leven liefde mooi één geen naar wat heel fietsen België',
  ),
];

export const EMOJI: readonly string[] =
  '😂 😭 🔥 ❤️ 🥺 ✨ 🙏 👍 🎉 💀 🤣 😍 💜 👀 🏳️‍🌈 🇧🇷 👩🏽‍💻 🫶 💕 😅 ⚽ 🎶 🐦 🦉 👨‍👩‍👧‍👦 1️⃣'.split(' ');

export const CITIES: readonly string[] = [
  'London',
  'New York, NY',
  'São Paulo, Brasil',
  '東京',
  '日本',
  'Istanbul, Türkiye',
  'Jakarta, Indonesia',
  'México',
  'Paris, France',
  'Lagos, Nigeria',
  'Buenos Aires, Argentina',
  'she/her',
  'Earth 🌍',
  'Madrid, España',
  'Los Angeles, CA',
  'กรุงเทพ',
  '서울',
  'الرياض',
  'she/they | 21',
  'your heart "here"',
  'Mumbai, India',
  'two lines\nof place',
  'Wien & Umgebung',
];

const TOTAL_SHARE = LANGUAGES.reduce((sum, { share }) => sum + share, 0);

/** The language that falls on a number of [0, 1). */
export function languageOf(uniform: number): Language {
  let left = uniform * TOTAL_SHARE;
  for (const candidate of LANGUAGES) {
    left -= candidate.share;
    if (left < 0) return candidate;
  }
  return LANGUAGES[0];
}
