"""The demo: teams' projects on real data, in different phases of their life."""

from apps.demo.story import (
    bike_demand,
    data_or_model,
    image_labels,
    income_screening,
    nba_forecasts,
    power_price,
    review_sentiment,
    room_occupancy,
)

STORIES = tuple(
    module.STORY
    for module in (
        income_screening,
        power_price,
        bike_demand,
        room_occupancy,
        review_sentiment,
        nba_forecasts,
        image_labels,
        data_or_model,
    )
)
