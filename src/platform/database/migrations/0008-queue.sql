-- Read the whole queue each time; an idle worker now looks less and less often instead.
drop function sealpost.next_due();
