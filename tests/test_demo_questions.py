"""What the demo's server answers to the questions of people and of their clients."""

from tests.people import Person, answers


def test_topics(alice: Person, bob: Person) -> None:
    assert answers(bob, "TOPIC #mentors") == [":demo.mentorbot 331 bob #mentors :No topic is set"]
    alice.send("TOPIC #mentors :Ask here")
    assert bob.line() == "@account=alice :alice!alice@127.0.0.1 TOPIC #mentors :Ask here"
    assert answers(bob, "TOPIC #mentors", "LIST") == [
        ":demo.mentorbot 332 bob #mentors :Ask here",
        ":demo.mentorbot 322 bob #mentors 2 :Ask here",
        ":demo.mentorbot 323 bob :End of LIST",
    ]


def test_what_clients_ask_on_their_own(alice: Person) -> None:
    asked = ["MODE alice +i", "MODE #mentors", "MODE #mentors b", "MODE #mentors +o alice", "WHO #mentors"]
    assert answers(alice, *asked, "USERHOST alice nobody", "AWAY :lunch", "AWAY", "KICK #mentors alice") == [
        ":demo.mentorbot 221 alice +",
        ":demo.mentorbot 324 alice #mentors +nt",
        ":demo.mentorbot 368 alice #mentors :End of ban list",
        ":demo.mentorbot 482 alice #mentors :Nobody is an operator here",
        ":demo.mentorbot 352 alice #mentors alice 127.0.0.1 demo.mentorbot alice H :0 alice",
        ":demo.mentorbot 315 alice #mentors :End of WHO",
        ":demo.mentorbot 302 alice :alice=+alice@127.0.0.1",
        ":demo.mentorbot 306 alice :You are away",
        ":demo.mentorbot 305 alice :You are not away",
        ":demo.mentorbot 482 alice #mentors :Nobody is an operator here",
    ]


def test_whois(alice: Person) -> None:
    assert answers(alice, "WHOIS alice alice", "WHOIS nobody") == [
        ":demo.mentorbot 311 alice alice alice 127.0.0.1 * :alice",
        ":demo.mentorbot 319 alice alice :#mentors",
        ":demo.mentorbot 312 alice alice demo.mentorbot :the demo",
        ":demo.mentorbot 330 alice alice alice :is logged in as",
        ":demo.mentorbot 318 alice alice :End of WHOIS",
        ":demo.mentorbot 401 alice nobody :There is nobody of that name here",
        ":demo.mentorbot 318 alice nobody :End of WHOIS",
    ]
