"""Run by tweepy.test.ts with the emulator's address; prints a line of JSON for each check: {"name", "error"}."""

import json
import sys
import time
import traceback
import urllib.parse
import urllib.request

import to_emulator

ADDRESS = sys.argv[1]
to_emulator.point_to(ADDRESS)

import requests
import tweepy

CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def own(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(f"http://{ADDRESS}{path}", data=data) as answer:
        return answer.read().decode()


KEYS = json.loads(own("/_emulator/credentials"))
APP = tweepy.Client(KEYS["bearer_token"])
USER = tweepy.Client(
    consumer_key=KEYS["consumer_key"],
    consumer_secret=KEYS["consumer_secret"],
    access_token=KEYS["access_token"],
    access_token_secret=KEYS["access_token_secret"],
)
AUTH1 = tweepy.OAuth1UserHandler(
    KEYS["consumer_key"], KEYS["consumer_secret"], KEYS["access_token"], KEYS["access_token_secret"]
)
OLD = tweepy.API(AUTH1)


def refused(kind, function, *arguments, **options):
    try:
        function(*arguments, **options)
    except kind as error:
        return error
    raise AssertionError(f"not refused with {kind.__name__}")


def some_posts(count):
    return own(f"/_emulator/truth/account/posts?account=user_public&limit={count}").split()


def set_limits(limits):
    own("/_emulator/limits", {"limits": limits})


@check
def accounts_by_name_and_id_and_the_missing():
    user = APP.get_user(username=KEYS["user_public"], user_fields=["created_at", "public_metrics"]).data
    assert str(user.id) == KEYS["user_public_id"] and user.created_at.year > 2005
    names = [KEYS[state] for state in ("user_public", "user_protected", "user_suspended", "user_deleted")]
    many = APP.get_users(usernames=names)
    assert [found.username for found in many.data] == names[:2]
    assert [error["title"] for error in many.errors] == ["Forbidden", "Not Found Error"]
    assert APP.get_user(username=KEYS["user_deleted"]).data is None
    assert APP.get_users(ids=[KEYS["user_public_id"]]).data[0].id == user.id


@check
def posts_one_hundred_with_expansions():
    ids = some_posts(100)
    answer = APP.get_tweets(
        ids,
        tweet_fields=["created_at", "public_metrics", "entities", "lang"],
        expansions=["author_id", "referenced_tweets.id", "attachments.media_keys"],
        user_fields=["verified"],
        media_fields=["url"],
    )
    assert [str(post.id) for post in answer.data] == ids
    assert answer.includes["users"] and answer.data[0].public_metrics["retweet_count"] >= 0
    assert str(APP.get_tweet(ids[0]).data.id) == ids[0]
    assert APP.get_tweet(20).errors[0]["title"] == "Not Found Error"


@check
def timelines_and_follows_by_pages():
    ids = [post.id for post in tweepy.Paginator(APP.get_users_tweets, KEYS["user_public_id"], max_results=50).flatten(170)]
    assert len(ids) == 170 and ids == sorted(set(ids), reverse=True)
    told = json.loads(own("/_emulator/truth/account?account=user_self"))
    for name, method in (("followers", APP.get_users_followers), ("following", APP.get_users_following)):
        pages = tweepy.Paginator(method, KEYS["user_self_id"], max_results=20)
        read = [user.id for user in pages.flatten()]
        assert len(set(read)) == len(read) and abs(len(read) - told[name]) < 3, (name, len(read), told)
    mentions = APP.get_users_mentions(KEYS["user_public_id"], max_results=20)
    assert mentions.meta["result_count"] == len(mentions.data or [])
    quotes = APP.get_quote_tweets(ids[0])
    assert quotes.meta["result_count"] == len(quotes.data or [])
    assert APP.get_retweeters(ids[0]).meta["result_count"] >= 0


@check
def search_and_counts():
    query = f"from:{KEYS['user_public']}"
    read = [post.id for post in tweepy.Paginator(APP.search_recent_tweets, query, max_results=10).flatten(25)]
    assert len(set(read)) == 25
    assert len(APP.search_all_tweets(query, max_results=15).data) == 15
    counts = APP.get_recent_tweets_count(query, granularity="day")
    assert sum(day["tweet_count"] for day in counts.data) == counts.meta["total_tweet_count"]


@check
def who_i_am():
    assert USER.get_me().data.username == KEYS["user_self"]
    assert OLD.verify_credentials().screen_name == KEYS["user_self"]


@check
def refusals_of_v2():
    error = refused(tweepy.BadRequest, APP.get_users_tweets, 12, max_results=3)
    assert error.api_messages == ["The `max_results` query parameter value [3] is not between 5 and 100"], error.api_messages
    refused(tweepy.Unauthorized, tweepy.Client("wrong").get_user, id=12)
    refused(tweepy.Forbidden, APP.get_me, user_auth=False)
    refused(tweepy.BadRequest, APP.search_recent_tweets, "cat and dog")


@check
def rules():
    made = APP_STREAM().add_rules([tweepy.StreamRule("lang:en team", "a"), tweepy.StreamRule("house")])
    assert made.meta["summary"]["created"] == 2
    again = APP_STREAM().add_rules(tweepy.StreamRule("house"))
    assert again.errors[0]["title"] == "DuplicateRule"
    assert APP_STREAM().add_rules(tweepy.StreamRule("tree"), dry_run=True).meta["summary"]["created"] == 1
    refused(tweepy.BadRequest, APP_STREAM().add_rules, tweepy.StreamRule("(("))
    found = APP_STREAM().get_rules().data
    assert sorted(rule.value for rule in found) == ["house", "lang:en team"]
    APP_STREAM().delete_rules([rule.id for rule in found])
    assert APP_STREAM().get_rules().data is None


def APP_STREAM():
    return tweepy.StreamingClient(KEYS["bearer_token"])


class Taking(tweepy.StreamingClient):
    """Takes posts and leaves; a fault may strike in between."""

    def __init__(self, count, fault=None):
        super().__init__(KEYS["bearer_token"], max_retries=5)
        self.count, self.fault, self.taken, self.connects, self.last_words = count, fault, [], 0, []

    def on_connect(self):
        self.connects += 1
        if self.fault is not None:
            own("/_emulator/faults", self.fault)
            self.fault = None

    def on_closed(self, response):
        pass

    def on_connection_error(self):
        pass

    def on_errors(self, errors):
        self.last_words += errors

    def on_response(self, response):
        self.taken.append(response)
        if len(self.taken) >= self.count:
            self.disconnect()


@check
def filtered_stream():
    tweepy.StreamingClient(KEYS["bearer_token"]).add_rules(tweepy.StreamRule("lang:en (team OR time OR train OR good)", "x"))
    stream = Taking(3)
    stream.filter(expansions=["author_id"], tweet_fields=["created_at"])
    assert [rule.tag for rule in stream.taken[0].matching_rules] == ["x"]
    assert stream.taken[0].includes["users"]
    APP_STREAM().delete_rules([rule.id for rule in APP_STREAM().get_rules().data])


@check
def sample_stream_goes_on_after_faults():
    for kind in ("cut", "half-line", "disconnect"):
        stream = Taking(40, {"kind": kind, "after": 10})
        stream.sample()
        assert stream.connects == 2 and len(stream.taken) >= 40, (kind, stream.connects, len(stream.taken))


class OldTaking(tweepy.Stream):
    def __init__(self, count, **options):
        super().__init__(
            KEYS["consumer_key"], KEYS["consumer_secret"], KEYS["access_token"], KEYS["access_token_secret"], **options
        )
        self.count, self.taken = count, []

    def on_status(self, status):
        self.taken.append(status)
        if len(self.taken) >= self.count:
            self.disconnect()


@check
def old_streams():
    stream = OldTaking(3)
    stream.filter(track=["the", "de", "la"])
    assert len(stream.taken) == 3 and stream.taken[0].user.screen_name
    stream = OldTaking(5)
    stream.sample()
    assert len(stream.taken) == 5


@check
def old_reads():
    ids = [status.id for status in tweepy.Cursor(OLD.user_timeline, screen_name=KEYS["user_public"], count=20, tweet_mode="extended").items(50)]
    assert len(set(ids)) == 50
    assert OLD.get_status(ids[0]).id == ids[0]
    assert {status.id for status in OLD.lookup_statuses(ids)} == set(ids)
    assert OLD.get_user(screen_name=KEYS["user_public"]).id_str == KEYS["user_public_id"]
    assert len(OLD.lookup_users(screen_name=[KEYS["user_public"], KEYS["user_protected"]])) == 2
    followers = list(tweepy.Cursor(OLD.get_follower_ids, user_id=KEYS["user_self_id"], count=300).items())
    assert len(set(followers)) == len(followers)
    assert list(tweepy.Cursor(OLD.get_friend_ids, user_id=KEYS["user_self_id"]).items()) is not None
    friendship = OLD.get_friendship(source_screen_name=KEYS["user_self"], target_screen_name=KEYS["user_public"])
    assert friendship[0].screen_name == KEYS["user_self"]
    assert OLD.rate_limit_status()["resources"]["users"]["/users/lookup"]["limit"] == 900
    found = OLD.search_tweets(q=f"from:{KEYS['user_public']}", count=5)
    assert len(found) > 0


@check
def old_refusals():
    assert refused(tweepy.Forbidden, OLD.get_user, screen_name=KEYS["user_suspended"]).api_codes == [63]
    assert refused(tweepy.NotFound, OLD.get_user, screen_name=KEYS["user_deleted"]).api_codes == [50]
    assert refused(tweepy.NotFound, OLD.get_status, 20).api_codes == [144]
    refused(tweepy.Unauthorized, tweepy.API(tweepy.OAuth2BearerHandler(KEYS["bearer_token"])).user_timeline, user_id=KEYS["user_protected_id"])
    assert refused(tweepy.Unauthorized, tweepy.API(tweepy.OAuth2BearerHandler("wrong")).get_user, user_id=12).api_codes == [89]


def decide(path, **fields):
    """The user's part: the page's form, posted; gives back where it leads, or the page."""
    answer = requests.post(f"https://api.twitter.com{path}", data=fields, allow_redirects=False)
    return answer.headers.get("location"), answer.text


@check
def signs_in_by_oauth1():
    for callback in ("oob", "https://127.0.0.1:9/back"):
        handler = tweepy.OAuth1UserHandler(KEYS["consumer_key"], KEYS["consumer_secret"], callback=callback)
        token = urllib.parse.parse_qs(urllib.parse.urlsplit(handler.get_authorization_url()).query)["oauth_token"][0]
        location, page = decide("/oauth/authorize", oauth_token=token, account="user_protected", decision="allow")
        if callback == "oob":
            verifier = page.split("<code>")[1].split("<")[0]
        else:
            verifier = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)["oauth_verifier"][0]
        handler.get_access_token(verifier)
        assert tweepy.API(handler).verify_credentials().screen_name == KEYS["user_protected"]


@check
def signs_in_by_oauth2():
    app = tweepy.API(tweepy.OAuth2AppHandler(KEYS["consumer_key"], KEYS["consumer_secret"]))
    assert app.get_user(screen_name=KEYS["user_public"]).id_str == KEYS["user_public_id"]
    handler = tweepy.OAuth2UserHandler(
        client_id=KEYS["client_id"],
        client_secret=KEYS["client_secret"],
        redirect_uri="https://127.0.0.1:9/back",
        scope=["tweet.read", "users.read", "offline.access"],
    )
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(handler.get_authorization_url()).query))
    location, _ = decide("/i/oauth2/authorize", **query, account="user_public", decision="allow")
    token = handler.fetch_token(location)
    assert tweepy.Client(token["access_token"]).get_me(user_auth=False).data.username == KEYS["user_public"]
    new = handler.refresh_token("https://api.twitter.com/2/oauth2/token", refresh_token=token["refresh_token"], auth=handler.auth)
    assert tweepy.Client(new["access_token"]).get_me(user_auth=False).data.username == KEYS["user_public"]


@check
def waits_for_the_next_window():
    """The emulator's clock runs 900 times as fast here: a window is one second."""
    set_limits({"GET /2/users/:id": {"app": "2"}, "* /1.1/users/show/:id": {"user": "2"}})
    error = None
    try:
        for _ in range(5):
            APP.get_user(id=KEYS["user_public_id"])
    except tweepy.TooManyRequests as refusal:
        error = refusal
    assert error is not None and error.response.headers["x-rate-limit-remaining"] == "0"
    assert int(error.response.headers["x-rate-limit-reset"]) - time.time() < 3
    patient = tweepy.Client(KEYS["bearer_token"], wait_on_rate_limit=True)
    for _ in range(3):
        assert patient.get_user(id=KEYS["user_public_id"]).data
    patient = tweepy.API(AUTH1, wait_on_rate_limit=True)
    for _ in range(3):
        assert patient.get_user(user_id=KEYS["user_public_id"]).id


WINDOWS = {"waits_for_the_next_window"}
fast = len(sys.argv) > 2
for function in CHECKS:
    if (function.__name__ in WINDOWS) != fast:
        continue
    problem = None
    try:
        function()
    except Exception:
        problem = traceback.format_exc()
    print(json.dumps({"name": function.__name__, "error": problem}), flush=True)
