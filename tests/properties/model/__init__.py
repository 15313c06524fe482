"""The clocks in ordinary Python, one unit and one item at a time, written from DOMAIN 3 to 5.

It knows neither SQL nor the services. What it decides it decides with the domain's pure functions; the
property tests do the same things to it and to the product and compare the two after every step.

`rows` and `post_rows` are what is kept, `books` the whole of it with the questions everybody asks;
`answers`, `decisions` and `by_hand` are what people do; `run` is a run, in its order: `asking`, `ladder`,
`items`, `notices`, `letters`; `delivery` hands over. A further clock is a file like `items` and a step in
`run`; what else makes an item late is said in `Books.late_clock`.
"""
