"""Given names that are not words, by which a name in small letters is known: `bob will send it`."""

from __future__ import annotations

from collectors.actions.words import words

GIVEN = words(
    """
    aaron abdul abigail adam aditya adrian agnes ahmed aiko akira alan albert alejandro alex alexandra
    alice alicia alina aisha ali amanda amelia amir amy ana anders andre andrea andreas andrew angela
    anika anita anja anke anna anne annika anthony antoine anton antonio arjun arthur astrid ayesha
    barbara beatrice ben benjamin bernd bernhard beth bettina birgit bob boris brandon brian bruno
    camille carlos carmen carol caroline catherine cecilia charles charlotte chen chiara chloe chris
    christian christina christine christoph christopher claire clara claudia clemens colin conor daisuke
    dan dana daniel daniela dave david deborah denis dennis derek diana diego dieter dirk dmitri dominik
    donald dorothea douglas eduardo edward elena eleni elias elif elisa elizabeth ella ellen emeka emil
    emily emma eric erik ernesto esther ethan eva evelyn fabian farid fatima felipe fernando fiona
    florian francesca francesco francis frederik friedrich gabriel gareth george georg gerald gerd
    giorgio giovanni giulia gloria gonzalo graham greg gregor greta guillaume gunther gustavo hanna
    hannah hans haruki hassan heather heike heiko heinz helen helena henrik henry hiroshi holger hugo
    ian ibrahim ines inga ingrid irina isabel isabella ivan jacob jakob jakub james jamie jan jane janet
    jasmin jason javier jeff jelena jennifer jens jeremy jerome jesper jessica jim joachim joao joe joel
    johan johanna johannes john jonas jonathan jorge jose josef joseph joshua juan judith jules julia
    julian julie juliette jurgen justin kai karen karin karl karsten kate katharina katherine kathrin
    katja keiko keith kelly ken kenji kerstin kevin khalid klaus kofi konrad kristin kumar kyle lars
    laura lea leila lena leon leonardo liam lina linda lisa lorenzo louis luca lucas lucia lucie luis
    luisa lukas maja malik manfred manuel manuela marc marcel marcelo marco marcus margaret maria mariam
    marie mario marion marta martha martin martina mary masha mateo mathilde matteo matthew matthias
    maurice max maximilian mehmet mei melanie melissa mia michael michal michel michelle miguel mike
    mikhail miriam mohamed mohammed moritz nadia nadine nadja natalia natalie natasha nathan ngozi niamh
    nicholas nico nicolas nicole nikita nikolai nils nina noah noor nora norbert olaf olga oliver olivia
    omar oscar pablo patricia patrick paul paula paulo pavel pedro peter petra philip philipp pierre
    pilar priya rachel rafael rahul raj rajesh ralf ramon raquel rebecca regina renate ricardo richard
    robert roberto robin rodrigo roger roland rolf roman ronald rosa ross ruth ryan sabine salma
    samantha samir samuel sandeep sandra sanjay sara sarah sasha satoshi sean sebastian sergei sergio
    sharon sigrid silke silvia simon simone sofia sonja sophia sophie stefan stefanie stephan stephen
    steve steven stuart sunil susan susanne suresh svenja takashi tamara tanja tariq tatiana taylor
    teresa terry thabo theo theresa thierry thomas thorsten tim timo timothy tobias tom tomasz tony
    torsten tyler ulrich ulrike ursula uwe vanessa vera verena veronica victor victoria vijay viktor
    vikram vincent virginia vladimir volker walter wang wayne wei wendy werner wilhelm william wolfgang
    yan yannick yasmin yuki yusuf yves zainab zoe zofia
    """
)
