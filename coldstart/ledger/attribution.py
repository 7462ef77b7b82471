"""What an impression led to: the events of its user with its item that name its request."""

# A condition on an impression called `shown`; parameter `weight`: of the least type that is an engagement. True or
# false, whatever number of events followed; clocks of clients may run an hour apart.
ENGAGED = """EXISTS (
    SELECT FROM catalog_interaction AS event JOIN catalog_eventtype AS type ON type.id = event.type_id
    WHERE event.user_id = shown.user_id AND event.item_id = shown.item_id AND event.request_id = shown.request_id
        AND event.occurred_at BETWEEN shown.shown_at - interval '1 hour' AND shown.shown_at + interval '7 days'
        AND type.weight >= %(weight)s
)"""
