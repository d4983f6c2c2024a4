/** Words that passwords of twelve characters and more are most often made of, alone or with digits and signs around them. */
export const commonPasswords: ReadonlySet<string> = new Set(
  `password passwords mypassword thepassword passwordpassword adminpassword passwordadmin rootpassword newpassword password123
  administrator adminadminadmin qwertyuiop qwertyuiopas qwertyuiopasdf qwertyqwerty qwertzuiop qwertzuiopas azertyuiop asdfghjkl
  asdfghjklqwe zxcvbnm qazwsxedc qazwsxedcrfv qweasdzxc iloveyou iloveyouforever iloveyousomuch letmein letmeinplease
  letmeinletmein welcome welcomewelcome welcomehome changeme changemenow changemeplease pleasechangeme secret secretsecret
  topsecret supersecret superman spiderman batman football baseball basketball liverpool chelsea arsenal manchesterunited
  realmadrid barcelona princess sunshine butterfly chocolate starwars pokemon minecraft monkeymonkey dragondragon
  correcthorsebatterystaple trustno unbelievable computer internet technology university institute summer winter spring autumn
  mistnet mistnetmistnet mistnetpassword twitter twittertwitter`
    .split(/\s+/)
    .filter((each) => each !== ''),
);
