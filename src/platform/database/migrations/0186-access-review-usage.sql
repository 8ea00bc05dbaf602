set local search_path = sealpost;

-- When and how often each role and permission of a line was used, as it was counted when the campaign began. Null in campaigns
-- from before.
alter table access_review_item add column usage jsonb;
